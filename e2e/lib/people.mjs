// The people of the sample company, and how a story becomes one of them.
import { expect } from '@playwright/test';

export const password = 'sample-data-only';

export const people = {
  maja: 'maja.lind@nordlys.example', // compliance lead
  erik: 'erik.holm@nordlys.example', // control owner
  sara: 'sara.oberg@nordlys.example', // control owner
  jonas: 'jonas.ek@nordlys.example', // manager
  amina: 'amina.yusuf@nordlys.example', // administrator
  tove: 'tove.granit@nordlys.example', // employee
  karin: 'karin.wall@revision.example', // auditor of the sealed window
};

/** signIn makes the context's browser that person's; the form itself has a story of its own. */
export async function signIn(page, email) {
  await page.context().clearCookies({ name: 'bevis' });
  const answer = await page.request.post('/sign-in', { form: { email, password, next: '' }, maxRedirects: 0 });
  expect(answer.status(), `sign-in of ${email}`).toBe(303);
}

/** prefer sets language and theme as the switches of the top bar keep them. */
export async function prefer(page, { lang, theme }) {
  const url = process.env.BEVIS_E2E_PORT && `http://127.0.0.1:${process.env.BEVIS_E2E_PORT}`;
  await page.context().addCookies(
    Object.entries({ lang, theme })
      .filter(([, value]) => value)
      .map(([name, value]) => ({ name, value, url })),
  );
}

/** json asks for what a page says, as data. */
export async function json(page, path) {
  const answer = await page.request.get(path, { headers: { Accept: 'application/json' } });
  expect(answer.status(), `data of ${path}`).toBe(200);
  return answer.json();
}

/** windowOf is the address of the window that begins on a day, as the list of windows links it. */
export async function windowOf(page, firstDay) {
  await page.goto('/windows');
  return page.getByRole('rowheader').getByRole('link', { name: firstDay }).getAttribute('href');
}

/** forgive takes the complaints out that a story provokes on purpose: answers with that status. */
export function forgive(complaints, status) {
  const kept = complaints.filter((c) => !c.includes(`status of ${status}`));
  complaints.splice(0, complaints.length, ...kept);
}
