// Story: the auditor sees one window, all of it, and nothing else.
import { expect, test } from '../lib/test.mjs';
import { forgive, json, people, signIn, windowOf } from '../lib/people.mjs';

const hidden = [403, 404];
// A package of her own window is the auditor's to make; nothing else is.
const making = /^(Add|New|Create (?!package)|Open a|Close window|Seal|Adopt|Accept|Return|Freeze|Run again|Disable|Enable|Change access)/;

/** outside collects, as the compliance lead, what the auditor must not reach. */
async function outside(page) {
  await signIn(page, people.maja);
  const window = await windowOf(page, '2026-01-01');
  await page.goto(`${window}/evidence`);
  const item = await page.getByRole('rowheader').getByRole('link', { name: /^E-\d+/ }).first().getAttribute('href');
  const whole = await json(page, item);
  await page.goto('/accounts');
  const account = await page.getByRole('rowheader').getByRole('link', { name: /Jonas Ek/ }).getAttribute('href');
  return { window, item, account, id: whole.id };
}

test('Karin sees the sealed window alone', async ({ page }) => {
  const other = await outside(page);
  await signIn(page, people.karin);
  await page.goto('/');
  await expect(page.getByText("Auditor's view")).toBeVisible();
  const menu = page.getByRole('navigation', { name: 'Main' });
  await expect(menu.getByRole('link', { name: 'Accounts' })).toHaveCount(0);
  await expect(page.getByRole('main')).toContainText('2025-12-31');

  await page.goto('/windows');
  await expect(page.getByRole('rowheader')).toHaveCount(1);
  await expect(page.getByRole('rowheader')).toContainText('2025-01-01');

  await page.goto('/evidence?q=2026');
  await expect(page.getByRole('link', { name: new RegExp(`${other.item.split('/').pop()}\\b`) })).toHaveCount(0);
  const csv = await (await page.request.get('/evidence.csv')).text();
  expect(csv.split('\n').length, 'her own window is all there').toBeGreaterThan(900);
  expect(csv).not.toContain(other.item.split('/').pop());
});

test('what is outside the window does not answer, by page, as data or as a file', async ({ page, complaints }) => {
  const other = await outside(page);
  await signIn(page, people.karin);
  const paths = [
    other.window,
    ...['occurrences', 'evidence', 'populations', 'changes', 'close', 'seal'].map((p) => `${other.window}/${p}`),
    other.item,
    `${other.item}/history`,
    `${other.item}/files/1`,
    `/history/${other.id}`,
    '/accounts',
    other.account,
    '/accounts/new',
    '/evidence/new',
    '/windows/new',
  ];
  for (const path of paths) {
    for (const accept of ['text/html', 'application/json']) {
      const answer = await page.request.get(path, { headers: { Accept: accept } });
      expect(hidden, `${path} as ${accept}: ${answer.status()}`).toContain(answer.status());
    }
  }
  for (const path of ['/evidence', `${other.item}/accept`, '/controls/adopt', '/windows', `${other.window}/package`, '/accounts']) {
    const answer = await page.request.post(path, { form: { note: 'x' } });
    expect(hidden, `POST ${path}: ${answer.status()}`).toContain(answer.status());
  }
  await page.goto(other.item);
  await expect(page.getByRole('heading', { level: 1, name: /does not exist|do not have access/ })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Main' }), 'in the shell, with a way on').toBeVisible();
  forgive(complaints, 404);
});

test('nothing is offered that an auditor cannot do', async ({ page, complaints }) => {
  await signIn(page, people.karin);
  const window = await windowOf(page, '2025-01-01');
  await page.goto('/evidence');
  const item = await page.getByRole('rowheader').getByRole('link', { name: /^E-\d+/ }).first().getAttribute('href');
  await page.goto('/populations');
  const dataset = await page.getByRole('rowheader').getByRole('link', { name: /^D-\d+/ }).first().getAttribute('href');
  await page.goto('/checks');
  const result = await page.getByRole('rowheader').getByRole('link', { name: /^R-\d+/ }).first().getAttribute('href');
  const pages = ['/', '/criteria', '/criteria/CC6.1', '/controls', '/controls/library', '/controls/AC-04', '/evidence', item, '/windows', window, '/populations', dataset, '/checks', result, '/ledger'];
  for (const path of pages) {
    const answer = await page.goto(path);
    if (answer.status() === 403) continue;
    const main = page.getByRole('main');
    const offers = await main.getByRole('button').or(main.getByRole('link')).evaluateAll((all) => all.map((e) => e.innerText.trim()));
    expect.soft(offers.filter((t) => making.test(t)), path).toEqual([]);
  }
  forgive(complaints, 403);
});

test('the auditor checks bytes and takes files of her window', async ({ page }) => {
  await signIn(page, people.karin);
  await page.goto('/evidence');
  await page.getByRole('rowheader').getByRole('link', { name: /^E-\d+/ }).first().click();
  await page.getByRole('button', { name: 'Check the bytes' }).click();
  await expect(page.getByRole('region', { name: 'Intact' })).toBeVisible();
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).first().click();
  expect((await coming).suggestedFilename()).not.toBe('');
});
