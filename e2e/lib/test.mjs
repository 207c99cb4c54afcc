// What every story uses instead of '@playwright/test': the same functions, and
// each page's complaints counted against the story.
import { test as base, expect } from '@playwright/test';

/**
 * test fails a story whose pages wrote an error to the console (a breach of the
 * content security policy is one) or threw. A story that provokes an error on
 * purpose takes it out of `complaints` itself.
 */
export const test = base.extend({
  complaints: [
    async ({ context }, use) => {
      const complaints = [];
      context.on('weberror', (e) => {
        // Two quick jumps in a row: the browser gives up its own cross-fade between
        // pages (@view-transition) and says so. No script of ours is involved.
        if (!e.error().message.startsWith('Transition was aborted')) {
          complaints.push(`uncaught: ${e.error().message}`);
        }
      });
      context.on('console', (m) => {
        if (m.type() === 'error') {
          complaints.push(`${m.page()?.url() ?? 'a closed page'}: ${m.text()}`);
        }
      });
      await use(complaints);
      expect(complaints, 'errors on the browser console').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
