// serve.mjs HOST:PORT runs bin/bevis with the sample company in a directory of
// its own, which goes when the program ends.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const address = process.argv[2];
const binary = fileURLToPath(new URL('../bin/bevis', import.meta.url));
if (!address) {
  console.error('usage: node serve.mjs HOST:PORT');
  process.exit(2);
}
if (!existsSync(binary)) {
  console.error('There is no bin/bevis: run "make e2e", which builds it.');
  process.exit(2);
}

const data = mkdtempSync(join(tmpdir(), 'bevis-e2e-'));
const server = spawn(binary, ['demo', '--serve', '--data', join(data, 'company'), '--addr', address], {
  stdio: ['ignore', 'inherit', 'inherit'],
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => server.kill('SIGTERM'));
}
server.on('error', (err) => {
  console.error(`bin/bevis did not start: ${err.message}`);
  rmSync(data, { recursive: true, force: true });
  process.exit(1);
});
server.on('exit', (code) => {
  rmSync(data, { recursive: true, force: true });
  process.exit(code ?? 0);
});
