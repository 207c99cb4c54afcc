// Browser stories run one after another in Debian's Chromium against a freshly
// built bin/bevis with a fresh sample company; `make e2e` builds and starts it.
import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import { freePort } from './lib/port.mjs';

// Workers read this file again, so the port is chosen once and handed on.
process.env.BEVIS_E2E_PORT ??= String(await freePort());
const address = `127.0.0.1:${process.env.BEVIS_E2E_PORT}`;

const chromium = process.env.CHROMIUM || '/usr/bin/chromium';
if (!existsSync(chromium)) {
  throw new Error(`There is no Chromium at ${chromium}. Install it ("make setup" says how) or set CHROMIUM to its path.`);
}

export default defineConfig({
  testDir: './specs',
  testMatch: '*.spec.mjs',
  outputDir: './test-results',
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: process.env.CI ? 1 : 0, // the report names a story that needed its second try
  timeout: 120_000, // 30 s was too little for axe on a busy machine
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    baseURL: `http://${address}`,
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: `node serve.mjs ${address}`,
    url: `http://${address}/readyz`,
    timeout: 300_000, // the sample company's whole year is built first
    reuseExistingServer: false,
    stdout: 'pipe',
    stderr: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
  },
});
