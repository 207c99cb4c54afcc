// The pages of the product by name, with the people who see them. Addresses that
// hold codes of the sample company are looked up.
import { people, signIn } from './people.mjs';

const first = (page, name) => page.getByRole('main').getByRole('rowheader').getByRole('link', { name }).first().getAttribute('href');

async function found(page, list, name) {
  await page.goto(list);
  return first(page, name);
}

/** everyPage is {name: {who, path}} for one of each kind of page. */
export async function everyPage(page) {
  await signIn(page, people.maja);
  const open = await found(page, '/windows', '2026-01-01');
  const sealed = await first(page, '2025-01-01');
  const waiting = await found(page, '/evidence?status=collected', /^E-\d+/);
  const accepted = await found(page, '/evidence?status=accepted', /^E-\d+/);
  const dataset = await found(page, '/populations', /^D-\d+/);
  const result = await found(page, '/checks', /recorded review/);
  const account = await found(page, '/accounts', /Erik Holm/);
  await page.goto(accepted);
  const proof = await page.getByRole('complementary').getByRole('link', { name: /^#\d+/ }).first().getAttribute('href');
  const whole = await (await page.request.get(accepted, { headers: { Accept: 'application/json' } })).json();

  const of = (who, all) => Object.fromEntries(Object.entries(all).map(([name, path]) => [name, { who: people[who], path }]));
  return {
    'sign-in': { who: '', path: '/sign-in' },
    ...of('maja', {
      home: '/',
      tasks: '/tasks',
      readiness: '/readiness',
      'readiness-criterion': '/readiness/criteria/CC6.1',
      feasibility: '/readiness/feasibility?to=2026-09-30',
      'start-report': '/start/report',
      'start-categories': '/start/categories',
      'start-dates': '/start/dates',
      'start-controls': '/start/controls',
      'start-owners': '/start/owners',
      'start-finish': '/start/finish',
      frameworks: '/frameworks',
      framework: '/frameworks/iso27001-2022',
      'framework-ref': '/frameworks/iso27001-2022/A.5.15',
      statement: '/frameworks/iso27001-2022/statement',
      'framework-import': '/frameworks/import',
      policies: '/policies',
      'policy-templates': '/policies/templates',
      criteria: '/criteria',
      criterion: '/criteria/CC6.1',
      controls: '/controls',
      library: '/controls/library',
      control: '/controls/OP-01',
      'control-edit': '/controls/OP-01/edit',
      'control-history': '/controls/OP-01/history',
      evidence: '/evidence',
      'evidence-none': '/evidence?q=zzzz',
      'evidence-new': '/evidence/new?control=OP-01',
      'evidence-waiting': waiting,
      'evidence-accepted': accepted,
      'evidence-history': `${accepted}/history`,
      populations: '/populations',
      dataset,
      freeze: `${dataset}/freeze`,
      checks: '/checks',
      result,
      check: '/checks/catalogue/change-reviewed',
      windows: '/windows',
      'window-new': '/windows/new',
      'window-open': open,
      'window-sealed': sealed,
      'window-occurrences': `${open}/occurrences`,
      'window-evidence': `${open}/evidence`,
      'window-populations': `${sealed}/populations`,
      'window-changes': `${sealed}/changes`,
      'window-close': `${open}/close`,
      'window-seal': `${open}/seal`,
      ledger: '/ledger',
      leaf: proof,
      history: `/history/${whole.id}`,
      'own-account': '/account',
      missing: '/no-such-page',
    }),
    ...of('amina', {
      accounts: '/accounts',
      'account-new': '/accounts/new',
      account,
      'account-access': `${account}/access`,
      'account-disable': `${account}/disable`,
      'account-reset': `${account}/reset`,
    }),
    ...of('karin', { 'auditor-home': '/', 'auditor-window': sealed, denied: '/accounts' }),
    ...of('tove', { 'employee-home': '/' }),
  };
}

/** visit goes through the pages, each as the one who sees it. */
export async function visit(page, pages, look) {
  let who;
  for (const [name, p] of Object.entries(pages)) {
    if (p.who !== who) {
      who = p.who;
      if (who) await signIn(page, who);
      else await page.context().clearCookies({ name: 'bevis' });
    }
    await page.goto(p.path);
    await look(name);
  }
}
