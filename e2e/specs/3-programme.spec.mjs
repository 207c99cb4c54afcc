// Story: the compliance lead reads how the programme stands, mostly by keyboard.
import { expect, test } from '../lib/test.mjs';
import { people, signIn } from '../lib/people.mjs';

const rows = (page) => page.getByRole('main').getByRole('rowheader').getByRole('link', { name: /^[A-Z]+\d*[.-]\d/ });

test.beforeEach(({ page }) => signIn(page, people.maja));

test('the criteria matrix filters while one types: address, focus and count follow', async ({ page }) => {
  await page.goto('/criteria');
  const all = await rows(page).count();
  expect(all).toBeGreaterThan(30);
  const box = page.getByRole('searchbox', { name: /Filter criteria/ });
  await box.click();
  let loads = 0;
  page.on('framenavigated', () => loads++);
  await box.pressSequentially('CC6', { delay: 30 });
  await expect(page).toHaveURL(/[?&]q=CC6(&|$)/);
  await expect.poll(() => rows(page).count()).toBeLessThan(all);
  await expect(box).toBeFocused();
  await expect(box).toHaveValue('CC6');
  for (const name of await rows(page).allInnerTexts()) expect(name).toMatch(/CC6/);
  const few = await rows(page).count();

  await page.getByRole('radio', { name: /^Failing/ }).check({ force: true });
  await expect(page).toHaveURL(/state=failing/);
  await page.reload();
  await expect(box, 'the address holds the whole filter').toHaveValue('CC6');
  await expect(page.getByRole('radio', { name: /^Failing/ })).toBeChecked();
  expect(await rows(page).count()).toBeLessThanOrEqual(few);

  await page.goto('/criteria?q=zzzz');
  await expect(page.getByText('No criterion matches')).toBeVisible();
  await page.getByRole('link', { name: /Clear/ }).click();
  await expect.poll(() => rows(page).count()).toBe(all);
});

test('a criterion leads to its controls, a control to its evidence and its versions', async ({ page }) => {
  await page.goto('/criteria');
  await rows(page).filter({ hasText: 'CC6.1' }).first().click();
  await expect(page).toHaveURL(/\/criteria\/CC6\.1/);
  await page.getByRole('main').getByRole('link', { name: /^[A-Z]{2}-\d\d/ }).first().click();
  await expect(page).toHaveURL(/\/controls\//);

  await page.goto('/controls/AC-04');
  const versions = page.getByRole('region', { name: 'Versions' });
  await expect(versions).toContainText(/version 1/i);
  await expect(versions).toContainText(/ledger entry #\d+/);
  const item = page.getByRole('region', { name: 'Evidence' }).getByRole('link', { name: /^E-\d+/ }).first();
  const code = (await item.innerText()).match(/E-\d+/)[0];
  await item.click();
  await expect(page).toHaveURL(new RegExp(`/evidence/${code}$`));
  const thread = page.getByRole('region', { name: 'Thread' });
  await expect(thread).toContainText(/added it/);
  await expect(thread).toContainText(/ledger entry #\d+/);
  await page.getByRole('main').getByRole('complementary').getByRole('link', { name: /AC-04/ }).click();
  await expect(page).toHaveURL(/\/controls\/AC-04$/);
});

test('a history says who changed what from what to what', async ({ page }) => {
  await page.goto('/evidence?status=accepted');
  await page.getByRole('rowheader').getByRole('link', { name: /^E-\d+/ }).first().click();
  await page.getByRole('link', { name: 'History' }).click();
  const second = page.getByRole('region', { name: /Version 2/ });
  const change = second.getByRole('row', { name: /^Status/ });
  await expect(change.getByRole('deletion')).toHaveText('Collected');
  await expect(change.getByRole('insertion')).toHaveText('Accepted');
  await expect(page.getByRole('region', { name: /Version 1/ })).toContainText(/first version/i);
  await second.getByRole('link', { name: /ledger entry #\d+/ }).click();
  await expect(page).toHaveURL(/\/ledger\/\d+$/);
  await expect(page.getByRole('region', { name: /Inclusion proof/ })).toBeVisible();
});

test('the versions of a control stand with their reasons', async ({ page }) => {
  await page.goto('/controls/AC-04');
  await page.getByRole('region', { name: 'Versions' }).getByRole('link', { name: /What changed/ }).click();
  await expect(page).toHaveURL(/\/controls\/AC-04\/history$/);
  await expect(page.getByRole('region', { name: /Version 1/ })).toContainText(/Reason: /);
});

test('the keyboard: palette, filter, jumps, rows and the help that lists them', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Go to' });
  await palette.getByRole('combobox').fill('ledg');
  await expect(palette.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/ledger$/);

  await page.keyboard.press('Control+k');
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();

  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  const jumps = await help.locator('kbd').filter({ hasText: /^g [a-z]$/ }).allInnerTexts();
  expect(jumps.length).toBeGreaterThan(6);
  await page.keyboard.press('Escape');
  const links = page.getByRole('navigation', { name: 'Main' }).getByRole('listitem').getByRole('link');
  expect(await links.count()).toBe(jumps.length);
  const first = { c: '/criteria', k: '/controls', e: '/evidence', w: '/windows', h: '/' };
  for (const [letter, path] of Object.entries(first)) {
    await page.keyboard.press('g');
    await page.keyboard.press(letter);
    await expect(page).toHaveURL((u) => u.pathname === path);
  }

  await page.goto('/controls');
  await page.keyboard.press('/');
  const box = page.getByRole('searchbox');
  await expect(box).toBeFocused();
  await page.keyboard.type('gj'); // letters in a field are letters
  await expect(box).toHaveValue('gj');
  await page.goto('/controls');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect(rows(page).nth(1)).toBeFocused();
  await page.keyboard.press('k');
  await expect(rows(page).first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/controls\/[A-Z]+-\d+$/);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the filter has a button', async ({ page }) => {
    await page.goto('/criteria');
    await page.getByRole('searchbox').fill('CC6');
    await page.getByRole('button', { name: 'Filter' }).click();
    await expect(page).toHaveURL(/q=CC6/);
    for (const name of await rows(page).allInnerTexts()) expect(name).toMatch(/CC6/);
  });
});
