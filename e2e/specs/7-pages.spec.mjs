// Every page in both themes and both languages: for everybody, in its frame, without a complaint.
// SCREENSHOTS=1 leaves pictures in e2e/screenshots.
import { expect, test } from '../lib/test.mjs';
import { broken, colours, test as axeTest } from '../lib/axe.mjs';
import { everyPage, visit } from '../lib/pages.mjs';
import { forgive, people, prefer, signIn } from '../lib/people.mjs';

const languages = ['en', 'sv'];
const themes = ['light', 'dark'];
const pictures = process.env.SCREENSHOTS ? new URL('../screenshots/', import.meta.url).pathname : '';

for (const lang of languages) {
  axeTest(`every page in ${lang}, light and dark, is for everybody`, async ({ page, complaints }) => {
    axeTest.setTimeout(600_000);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const pages = await everyPage(page);
    await prefer(page, { lang, theme: themes[0] });
    const html = page.locator('html');
    const found = [];
    await visit(page, pages, async (name) => {
      expect.soft(await html.getAttribute('lang'), name).toBe(lang);
      expect.soft(await html.getAttribute('data-theme'), name).toBe(themes[0]);
      for (const theme of themes) {
        await html.evaluate((e, t) => {
          e.dataset.theme = t; // as the server writes it
          return Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {})));
        }, theme);
        found.push(...(await broken(page, theme === themes[0] ? undefined : colours)).map((b) => `${name}, ${theme}: ${b}`));
      }
    });
    for (const status of [403, 404]) forgive(complaints, status);
    expect(found).toEqual([]);
  });
}

/** overflow names what sticks out of the page sideways, the innermost first. */
const overflow = (page) =>
  page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return '';
    const out = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > wide + 1);
    const last = out.at(-1);
    return `${document.documentElement.scrollWidth} px wide at ${wide}: ${last ? `${last.tagName}.${last.className} in ${last.parentElement.className}` : 'body'}`;
  });

for (const lang of languages) {
  test(`every page in ${lang} fits, speaks and says nothing to the console`, async ({ page, complaints }) => {
    test.setTimeout(600_000);
    const pages = await everyPage(page);
    const found = [];
    await prefer(page, { lang, theme: lang === 'sv' ? 'dark' : 'light' });
    await visit(page, pages, async (name) => {
      if (pictures) await page.screenshot({ path: `${pictures}${name}-${lang}-1440.png`, fullPage: true });
      const text = await page.locator('html').innerText();
      for (const bad of text.match(/‹[^›]*›|<no value>|%!\w?\(|\{\{[^}]*\}\}|\bundefined\b|\bNaN\b/g) ?? []) found.push(`${name}: ${bad}`);
      const heads = await page.getByRole('heading', { level: 1 }).count();
      if (heads !== 1) found.push(`${name}: ${heads} level 1 headings`);
      for (const width of [390, 320]) {
        await page.setViewportSize({ width, height: 844 });
        const bad = await overflow(page);
        if (bad) found.push(`${name}: ${bad}`);
        if (pictures && width === 390 && lang === 'en') await page.screenshot({ path: `${pictures}${name}-${lang}-390.png`, fullPage: true });
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    });
    for (const status of [403, 404]) forgive(complaints, status);
    expect(found).toEqual([]);
  });
}

test('the criteria print: A4 pages without the chrome of the screen', async ({ page }) => {
  await signIn(page, people.maja);
  await page.goto('/criteria');
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden();
  await expect(page.getByRole('searchbox')).toBeHidden();
  const pdf = (await page.pdf({ format: 'A4', preferCSSPageSize: true, path: pictures ? `${pictures}criteria.pdf` : undefined })).toString('latin1');
  const sheets = pdf.match(/\/Type\s*\/Page\b/g).length;
  expect(sheets).toBeGreaterThanOrEqual(1);
  expect(sheets, 'a matrix of 38 criteria').toBeLessThanOrEqual(5);
  for (const [, wide, high] of pdf.matchAll(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/g)) {
    expect(Math.round(Math.min(wide, high)), 'A4').toBe(595);
  }
});
