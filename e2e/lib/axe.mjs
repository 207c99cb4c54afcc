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

const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** colours are the rules that a change of theme can break. */
export const colours = ['color-contrast', 'link-in-text-block'];

/** broken is one line for each element that breaks WCAG 2.2 A or AA, or one of the rules. */
export async function broken(page, rules = wcag) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source);
  return page.evaluate(async (runOnly) => {
    const { violations } = await globalThis.axe.run(document, { runOnly, resultTypes: ['violations'] });
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} (${v.help})`));
  }, rules);
}

export { expect };
