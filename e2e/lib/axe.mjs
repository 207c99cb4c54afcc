// Accessibility: axe-core on a page as it stands.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import { test as base } from './test.mjs';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * test is for stories that use axe. The pages' content security policy refuses
 * foreign scripts, axe-core among them, so it is set aside here: stories about
 * the policy use the test of test.mjs.
 */
export const test = base.extend({ bypassCSP: true });

/** broken is one line for each element that breaks WCAG 2.2 A or AA. */
export async function broken(page) {
  await page.evaluate(source);
  return page.evaluate(async () => {
    const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await globalThis.axe.run(document, { runOnly: wcag, resultTypes: ['violations'] });
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} (${v.help})`));
  });
}

export { expect };
