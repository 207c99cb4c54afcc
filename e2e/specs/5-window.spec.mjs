// Story: a window is closed and sealed, and what leaves the house can be checked without it.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '../lib/test.mjs';
import { forgive, people, signIn, windowOf } from '../lib/people.mjs';

const bevis = fileURLToPath(new URL('../../bin/bevis', import.meta.url));

/** verify runs the program over a package file, away from the server and its data. */
const verify = (file, ...flags) =>
  promisify(execFile)(bevis, ['verify', file, '--lang', 'en', ...flags]).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (e) => ({ code: e.code, said: e.stdout + e.stderr }),
  );

const card = (page) => page.getByRole('region', { name: 'Package', exact: true });

/** take makes a package and brings its file. */
async function take(page) {
  await card(page).getByRole('button', { name: 'Create package' }).click();
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download package' }).click();
  const came = await coming;
  expect(came.suggestedFilename()).toMatch(/\.zip$/);
  return came.path();
}

test.beforeEach(({ page }) => signIn(page, people.maja));

test('the sealed window shows its manifest; its package is intact by an independent check', async ({ page }) => {
  await page.goto(await windowOf(page, '2025-01-01'));
  const seal = page.getByRole('region', { name: 'Sealed' }).first();
  const manifest = (await seal.locator('code').first().innerText()).replace(/\s/g, '');
  expect(manifest).toMatch(/^[0-9a-f]{64}$/);
  await expect(seal).toContainText(/Maja Lind closed.*Jonas Ek sealed/);
  await seal.getByRole('link', { name: /^#/ }).first().click();
  await expect(page).toHaveURL(/\/ledger\/\d+$/);
  await page.goBack();

  await expect(page.getByRole('link', { name: 'Close window' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Seal window' })).toHaveCount(0);
  const file = await take(page);
  await expect(card(page).getByRole('row').filter({ hasText: 'Maja Lind' }).first()).toBeVisible();
  const fingerprint = (await card(page).getByRole('listitem').locator('code').allInnerTexts())
    .map((t) => t.replace(/\s/g, ''))
    .find((t) => /^[0-9a-f]{64}$/.test(t));
  const { code, said } = await verify(file, '--reperform');
  expect(said).toMatch(/Intact/);
  expect(said).toMatch(/2 checks run again/);
  expect(said, 'the page shows the key that signed').toContain(fingerprint);
  expect(code).toBe(0);
});

test('the figures of a window lead to lists of that length', async ({ page }) => {
  await page.goto(await windowOf(page, '2025-01-01'));
  const figures = page.getByRole('region', { name: 'Key figures' });
  for (const name of ['Late', 'Missed']) {
    const link = figures.getByRole('link').and(page.locator(`[href*="state=${name.toLowerCase()}"]`));
    const n = Number(await link.innerText());
    await link.click();
    await expect(page.getByRole('main').getByRole('table').getByRole('rowheader')).toHaveCount(n);
    await page.goBack();
  }
});

test('a draft of an open window needs a yes, and says that it is a draft', async ({ page, complaints }) => {
  await page.goto(await windowOf(page, '2026-01-01'));
  await card(page).getByRole('button', { name: 'Create package' }).click();
  await expect(page.getByRole('alert').filter({ hasText: /not sealed/ })).toBeVisible();
  forgive(complaints, 422);
  await card(page).getByRole('checkbox', { name: /draft/i }).check();
  const file = await take(page);
  await expect(card(page).getByRole('row').filter({ hasText: 'Draft' }).first()).toBeVisible();
  const { code, said } = await verify(file);
  expect(said).toMatch(/Not fully checkable/);
  expect(code).not.toBe(0);
});

test('closing and sealing say first what becomes fixed, and wait for the last day', async ({ page }) => {
  const window = await windowOf(page, '2026-01-01');
  await page.goto(window);
  const controls = await page.getByRole('region', { name: 'Key figures' }).getByRole('link', { name: /^\d+$/ }).first().innerText();
  for (const step of ['close', 'seal']) {
    await page.goto(`${window}/${step}`);
    const fixed = page.getByRole('region', { name: 'What becomes fixed' });
    await expect(fixed.getByRole('listitem').filter({ hasText: 'Controls' })).toContainText(controls);
    await expect(fixed).toContainText(/Items of evidence\s*\d+/);
    await expect(page.getByRole('region', { name: 'Still open' })).toContainText(/Missed occurrences\s*\d+/);
    for (const link of await page.getByRole('main').getByRole('link').all()) {
      expect.soft(await link.getAttribute('href'), `${step}: ${await link.innerText()}`).not.toBe('');
    }
    await expect(page.getByRole('main')).toContainText('It can be closed from 2027-01-01');
    await expect(page.getByRole('main').getByRole('button'), 'nothing is offered that would be refused').toHaveCount(0);
    await page.getByRole('main').getByRole('link', { name: 'Back to the window' }).click();
    await expect(page).toHaveURL((u) => u.pathname === window);
  }
  await expect(page.getByRole('main').getByText('Open', { exact: true }).first(), 'nothing was done').toBeVisible();
});

test('who may not seal is not offered it', async ({ page }) => {
  const window = await windowOf(page, '2026-01-01');
  await signIn(page, people.tove);
  await page.goto(window);
  await expect(page.getByRole('main').getByRole('link', { name: /^(Close|Seal)/ })).toHaveCount(0);
  await expect(card(page)).toHaveCount(0);
  for (const step of ['close', 'seal', 'package']) {
    const answer = await page.request.post(`${window}/${step}`);
    expect([403, 404], step).toContain(answer.status());
  }
});
