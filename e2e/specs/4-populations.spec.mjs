// Story: a whole population, and what checks say of each of its items.
import { readFileSync } from 'node:fs';
import { expect, test } from '../lib/test.mjs';
import { people, signIn } from '../lib/people.mjs';

const number = (text) => Number(text.match(/[\d,]+/)[0].replaceAll(',', ''));

/** listed counts what a list holds in all: its rows, or what its pager says. */
async function listed(page) {
  const items = page.getByRole('table', { name: /Items|Rows/ });
  const pager = page.getByText(/^\d+–\d+ of [\d,]+$/);
  if (await pager.count()) return number((await pager.first().innerText()).split(' of ')[1]);
  return items.getByRole('rowheader').count();
}

/** figures are the linked key figures under a heading, as [words, number, address]. */
async function figures(page, region) {
  const links = page.getByRole('region', { name: region }).getByRole('link', { name: /^[\d,]+/ });
  return Promise.all((await links.all()).map(async (l) => [number(await l.innerText()), await l.getAttribute('href')]));
}

/** rowsOf reads the lines of a CSV download, its head left out. */
async function rowsOf(page, link) {
  const coming = page.waitForEvent('download');
  await link.click();
  const came = await coming;
  expect(came.suggestedFilename()).toMatch(/\.csv$/);
  return readFileSync(await came.path(), 'utf8').trim().split(/\r?\n/).slice(1);
}

async function openDataset(page) {
  await page.goto('/populations');
  await page.getByRole('region', { name: 'Datasets' }).getByRole('rowheader').getByRole('link').first().click();
  await expect(page).toHaveURL(/\/populations\/D-\d+$/);
}

async function openReviewResult(page) {
  await page.goto('/checks');
  await page.getByRole('rowheader').getByRole('link', { name: /recorded review/ }).click();
  await expect(page).toHaveURL(/\/checks\/R-\d+$/);
}

test.beforeEach(({ page }) => signIn(page, people.maja));

test('a dataset accounts for every item of its source', async ({ page }) => {
  await openDataset(page);
  await expect(page.getByRole('main').getByText('Complete', { exact: true }).first()).toBeVisible();
  const counts = (await figures(page, 'Counts of the source')).map(([n]) => n);
  const [inside, before, after, held] = counts;
  expect(inside).toBeGreaterThan(100);
  expect(before + inside + after, 'nothing is left over').toBe(held);
  await expect(page.getByRole('region', { name: 'Completeness statement' })).toContainText(/git rev-list/);
  expect(await listed(page)).toBe(inside);
  expect(await rowsOf(page, page.getByRole('link', { name: 'CSV', exact: true }))).toHaveLength(inside);
});

test('a result lists its two deviations, and each figure leads to its items', async ({ page }) => {
  await openReviewResult(page);
  const all = await listed(page);
  const seen = await figures(page, 'Counts');
  expect(seen.map(([n]) => n)).toEqual([2, 0, 0, all - 2]);
  for (const [n, address] of seen) {
    await page.goto(new URL(address, page.url()).href);
    expect(await listed(page), address).toBe(n);
  }
  await page.goto(new URL(seen[0][1], page.url()).href);
  const items = page.getByRole('table', { name: 'Items' });
  await expect(items.getByRole('rowheader')).toHaveCount(2);
  await expect(items).toContainText(/no reviewer is recorded/);
  await expect(items).toContainText(/only the author/);
  const csv = await rowsOf(page, page.getByRole('link', { name: 'CSV', exact: true }));
  expect(csv, 'the download is the list shown').toHaveLength(2);

  await page.getByRole('radio', { name: /^All/ }).check({ force: true });
  await expect.poll(() => listed(page)).toBe(all);
});

test('the list of results and the control say the same numbers', async ({ page }) => {
  await page.goto('/checks');
  const row = page.getByRole('row', { name: /recorded review/ });
  await row.getByRole('link', { name: '2', exact: true }).click();
  await expect(page.getByRole('table', { name: 'Items' }).getByRole('rowheader')).toHaveCount(2);
  await page.goto('/checks');
  await expect(row).toContainText('Fail');
  await row.getByRole('link', { name: /^D-\d+/ }).click();
  await expect(page).toHaveURL(/\/populations\/D-\d+$/);
});

test('every number in the lists of populations and results is a way to what it counts', async ({ page }) => {
  for (const path of ['/populations', '/checks']) {
    await page.goto(path);
    const cells = page.getByRole('main').getByRole('cell', { name: /^[1-9][\d,]*$/ });
    for (const cell of await cells.all()) {
      expect(await cell.getByRole('link').count(), `${path}: ${await cell.innerText()}`).toBe(1);
    }
  }
});
