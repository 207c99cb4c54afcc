// Story: somebody comes in, sets the look they want, and leaves for good.
import { expect, test } from '../lib/test.mjs';
import { forgive, password, people, prefer } from '../lib/people.mjs';

async function fillIn(page, email, secret) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const account = (page, name) => page.getByRole('button', { name });

test('a wrong password is said, and stays said', async ({ page, complaints }) => {
  await page.clock.install();
  await page.goto('/sign-in');
  await fillIn(page, people.maja, 'not-the-password');
  const message = page.getByRole('main').getByText(/do not fit together/);
  await expect(message).toBeVisible();
  await expect(page.getByLabel('E-mail')).toHaveValue(people.maja);
  await expect(page.getByLabel('Password')).toHaveValue('');
  await page.clock.fastForward('02:00'); // toasts are long gone by then
  await expect(message).toBeVisible();
  await fillIn(page, people.maja, password);
  await expect(account(page, /Maja Lind/)).toBeVisible();
  forgive(complaints, 4);
});

test('signing in leads where one wanted to go', async ({ page }) => {
  await page.goto('/criteria?q=CC6.1');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await fillIn(page, people.erik, password);
  await expect(page).toHaveURL(/\/criteria\?q=CC6\.1$/);
});

test('signing out ends the access: back, refresh and the old cookie lead to the sign-in', async ({ page, context }) => {
  await page.goto('/sign-in');
  await fillIn(page, people.maja, password);
  await page.goto('/accounts');
  await expect(page.getByRole('heading', { level: 1, name: 'Accounts' })).toBeVisible();
  const old = await context.cookies();
  await account(page, /Maja Lind/).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  const field = page.getByLabel('Password');
  await expect(field).toBeVisible();
  await page.goBack();
  await expect(field).toBeVisible();
  await expect(page.getByRole('heading', { level: 1, name: 'Accounts' })).toHaveCount(0);
  await page.reload();
  await expect(field).toBeVisible();
  await context.addCookies(old);
  await page.goto('/accounts');
  await expect(field, 'a kept session is worth nothing').toBeVisible();
});

test('language and theme persist over pages, tabs and a sign-out', async ({ page, context }) => {
  await page.goto('/sign-in');
  await fillIn(page, people.erik, password);
  await page.goto('/criteria?q=CC6');
  const html = page.locator('html');
  const ground = () => page.locator('body').evaluate((b) => getComputedStyle(b).backgroundColor);

  await page.getByRole('button', { name: 'Byt till svenska' }).click();
  await expect(html).toHaveAttribute('lang', 'sv');
  await expect(page, 'the switch comes back to the page').toHaveURL(/\/criteria\?q=CC6$/);
  await page.getByRole('button', { name: 'ljust tema' }).or(page.getByRole('button', { name: 'ljusa temat' })).click();
  await expect(html).toHaveAttribute('data-theme', 'light');
  const light = await ground();
  await page.getByRole('button', { name: /mörk/ }).click();
  await expect(html).toHaveAttribute('data-theme', 'dark');
  expect(await ground()).not.toBe(light);

  const tab = await context.newPage();
  await tab.goto('/controls');
  await expect(tab.getByRole('heading', { level: 1, name: 'Kontroller' })).toBeVisible();
  await expect(tab.locator('html')).toHaveAttribute('data-theme', 'dark');
  await tab.getByRole('button', { name: /Erik Holm/ }).click();
  await tab.getByRole('button', { name: 'Logga ut' }).click();
  await expect(tab.locator('html')).toHaveAttribute('lang', 'sv');
  await expect(tab.locator('html')).toHaveAttribute('data-theme', 'dark');
  await tab.getByRole('button', { name: 'Switch to English' }).click();
  await expect(tab.locator('html')).toHaveAttribute('lang', 'en');
});

test('without a choice the browser decides', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto('/sign-in');
  const ground = () => page.locator('body').evaluate((b) => getComputedStyle(b).backgroundColor);
  const dark = await ground();
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await ground()).not.toBe(dark);
  await prefer(page, { lang: 'sv' });
  await page.reload();
  await expect(page.getByRole('button', { name: 'Logga in' })).toBeVisible();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('sign-in, language, theme and sign-out work', async ({ page }) => {
    await page.goto('/');
    await fillIn(page, people.maja, password);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.getByRole('button', { name: 'Byt till svenska' }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', 'sv');
    await page.getByRole('button', { name: 'Switch to English' }).click();
    await page.getByRole('button', { name: 'light theme' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
    await account(page, /Maja Lind/).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByLabel('Password')).toBeVisible();
    await page.goto('/controls');
    await expect(page.getByLabel('Password')).toBeVisible();
  });
});
