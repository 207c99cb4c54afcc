// Story: an owner hands evidence in, a second person decides about it.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from '../lib/test.mjs';
import { forgive, people, signIn } from '../lib/people.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const control = 'OP-01';
const day = '2026-04-14'; // the day before the sample company's today
const tomorrow = '2026-12-24';

const files = (page) => page.getByRole('list', { name: 'Files' }).getByRole('listitem');
const chooser = (page) => page.getByLabel(/choose files?/);
const save = (page) => page.getByRole('button', { name: 'Save evidence' }).click();
const main = (page) => page.getByRole('main');

async function fillIn(page, { title, from = day }) {
  await page.getByLabel('What does it show?').fill(title);
  await page.getByLabel('Control', { exact: true }).selectOption(control);
  await page.getByLabel('From', { exact: true }).fill(from);
  await page.getByLabel('Type').selectOption({ label: 'System monitoring' });
  await page.getByLabel('Source system').fill('Scanner');
}

/** hashes are the fingerprints an item's page shows, without their gaps. */
const hashes = async (page) =>
  (await page.getByRole('complementary').getByRole('code').or(page.getByRole('complementary').locator('code')).allInnerTexts())
    .map((t) => t.replace(/\s/g, ''))
    .filter((t) => /^[0-9a-f]{64}$/.test(t));

/** drop lets a file fall where the page says that files may be dropped. */
async function drop(page, name, bytes) {
  const dataTransfer = await page.evaluateHandle(
    ([n, text]) => {
      const dt = new DataTransfer();
      dt.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], n, { type: 'text/csv' }));
      return dt;
    },
    [name, bytes.toString('base64')],
  );
  const zone = page.getByText(/Drop files here/);
  for (const kind of ['dragenter', 'dragover', 'drop']) await zone.dispatchEvent(kind, { dataTransfer });
}

/** handIn adds a small item by drag and drop and answers its address. */
async function handIn(page, title, bytes = Buffer.from(`host,found\n${title},0\n`)) {
  await page.goto('/evidence/new');
  await fillIn(page, { title });
  await drop(page, 'scan.csv', bytes);
  await expect(files(page)).toContainText('Fingerprints match');
  await save(page);
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  return new URL(page.url()).pathname;
}

test('a 12 MB file: progress, equal fingerprints, acceptance by a second person, the same bytes back', async ({ page }) => {
  const bytes = randomBytes(12 * 1024 * 1024);
  await signIn(page, people.erik);
  await page.goto(`/evidence/new?control=${control}`);
  await expect(page.getByLabel('Control', { exact: true })).toHaveValue(control);
  await fillIn(page, { title: 'Weekly scan of all hosts' });

  const line = await page.context().newCDPSession(page); // slow enough to see the progress
  await line.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 6e6 });
  const answer = page.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/evidence/files'));
  await chooser(page).setInputFiles({ name: 'scan.bin', mimeType: 'application/octet-stream', buffer: bytes });
  await expect(page.getByRole('progressbar', { name: 'scan.bin' })).toBeVisible();
  await expect(files(page)).toContainText(/\b[1-9]\d? %/);
  await line.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  expect((await (await answer).json()).sha256, 'what the server made of it').toBe(sha256(bytes));
  await expect(files(page), 'what the browser made of it').toContainText('Fingerprints match');
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await save(page);

  await expect(page).toHaveURL(/\/evidence\/E-\d+$/);
  const item = new URL(page.url()).pathname;
  await expect(page.getByRole('heading', { level: 1, name: 'Weekly scan of all hosts' })).toBeVisible();
  await expect(main(page).getByText(/ledger entry #\d+/i).first()).toBeVisible();
  expect(await hashes(page)).toEqual([sha256(bytes)]);
  await expect(page.getByRole('button', { name: /^Accept/ }), 'nobody accepts their own').toHaveCount(0);
  await expect(page.getByText(/second person/).first()).toBeVisible();
  const forced = await page.request.post(`${item}/accept`, { form: { note: '' } });
  expect(forced.ok(), 'nor by hand').toBe(false);

  await signIn(page, people.maja);
  await page.goto(item);
  await page.getByRole('button', { name: /^Accept/ }).click();
  await expect(main(page).getByText('Accepted', { exact: true }).first()).toBeVisible();
  await expect(main(page).getByText(/Maja Lind/).first()).toBeVisible();
  await expect(page.getByRole('button', { name: /^Accept/ })).toHaveCount(0);
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).first().click();
  const came = await coming;
  expect(came.suggestedFilename()).toBe('scan.bin');
  expect(sha256(readFileSync(await came.path()))).toBe(sha256(bytes));
  await page.getByRole('button', { name: 'Check the bytes' }).click();
  await expect(page.getByRole('region', { name: 'Intact' })).toBeVisible();
});

test('drag and drop, and a return with its reason', async ({ page, complaints }) => {
  await signIn(page, people.erik);
  const bytes = Buffer.from('host,found\nweb-1,0\nweb-2,1\n');
  const item = await handIn(page, 'Scan of the web hosts', bytes);
  expect(await hashes(page)).toEqual([sha256(bytes)]);
  await expect(page.getByRole('cell', { name: 'web-2' }), 'CSV is shown as a table').toBeVisible();

  await signIn(page, people.maja);
  await page.goto(item);
  const back = page.getByRole('button', { name: /^Return/ });
  await back.click();
  await expect(main(page).getByRole('alert')).toContainText(/why it is returned/);
  forgive(complaints, 422);
  await page.getByLabel('Note').fill('The database hosts are missing. Add them.');
  await back.click();
  await expect(main(page).getByText('Returned', { exact: true }).first()).toBeVisible();
  await expect(main(page).getByText('The database hosts are missing. Add them.')).toBeVisible();

  await signIn(page, people.erik);
  await page.goto('/evidence?status=returned');
  await expect(page.getByRole('link', { name: /Scan of the web hosts/ })).toBeVisible();
  await page.goto(item);
  await page.getByRole('link', { name: 'New version' }).click();
  await expect(page.getByLabel('What does it show?'), 'nothing is asked twice').toHaveValue('Scan of the web hosts');
});

test('an empty file is refused at once', async ({ page, complaints }) => {
  await signIn(page, people.erik);
  await page.goto('/evidence/new');
  await chooser(page).setInputFiles({ name: 'nothing.csv', mimeType: 'text/csv', buffer: Buffer.alloc(0) });
  await expect(files(page)).toContainText(/file is empty/i);
  forgive(complaints, 422);
  await page.getByRole('button', { name: /nothing\.csv/ }).click();
  await expect(files(page)).toHaveCount(0);
});

test('a date that has not come is refused, and what was typed and sent is kept', async ({ page, complaints }) => {
  await signIn(page, people.erik);
  await page.goto('/evidence/new');
  await fillIn(page, { title: 'Scan from the future', from: tomorrow });
  await drop(page, 'future.csv', Buffer.from('a,b\n1,2\n'));
  await expect(files(page)).toContainText('Fingerprints match');
  await save(page);
  const alert = main(page).getByRole('alert');
  await expect(alert).toContainText(/has not come/);
  await expect(alert, 'it is read first').toBeFocused();
  forgive(complaints, 422);
  await expect(page.getByLabel('What does it show?')).toHaveValue('Scan from the future');
  await expect(page.getByLabel('Control', { exact: true })).toHaveValue(control);
  await expect(page.getByLabel('Source system')).toHaveValue('Scanner');
  await expect(page.getByLabel('From', { exact: true })).toHaveValue(tomorrow);
  await alert.getByRole('link').first().click();
  await expect(page.getByLabel('From', { exact: true }), 'the message leads to its field').toBeFocused();
  await expect(files(page)).toContainText('future.csv');
  await page.getByLabel('From', { exact: true }).fill(day);
  await save(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Scan from the future' })).toBeVisible();
  expect(await hashes(page)).toEqual([sha256(Buffer.from('a,b\n1,2\n'))]);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the plain form adds an item, and says what is wrong with another', async ({ page, complaints }) => {
    await signIn(page, people.sara);
    await page.goto('/evidence/new');
    await fillIn(page, { title: 'Scan without script', from: tomorrow });
    await chooser(page).setInputFiles({ name: 'empty.csv', mimeType: 'text/csv', buffer: Buffer.alloc(0) });
    await save(page);
    await expect(main(page).getByRole('alert')).toContainText(/file is empty/i);
    await expect(page.getByLabel('What does it show?')).toHaveValue('Scan without script');
    await expect(page.getByLabel('From', { exact: true })).toHaveValue(tomorrow);
    forgive(complaints, 422);

    await page.getByLabel('From', { exact: true }).fill(day);
    const bytes = Buffer.from('host\nweb-1\n');
    await chooser(page).setInputFiles({ name: 'scan.csv', mimeType: 'text/csv', buffer: bytes });
    await save(page);
    await expect(page.getByRole('heading', { level: 1, name: 'Scan without script' })).toBeVisible();
    expect(await hashes(page)).toEqual([sha256(bytes)]);

    const item = new URL(page.url()).pathname;
    await signIn(page, people.maja);
    await page.goto(item);
    await page.getByRole('button', { name: /^Accept/ }).click();
    await expect(main(page).getByText('Accepted', { exact: true }).first()).toBeVisible();
  });
});
