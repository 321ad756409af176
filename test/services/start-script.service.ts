import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

// In place of the server: it leaves a note when it is told to end.
const standIn = `import { writeFileSync } from 'node:fs';
process.once('SIGTERM', () => { writeFileSync('ended', 'SIGTERM'); process.exit(0); });
setInterval(() => undefined, 1000);
console.log('listening');
`;

test('a SIGTERM to npm start ends the server', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'start-'));
  const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
  await mkdir(join(folder, 'dist'));
  await cp(pathOf('package.json'), join(folder, 'package.json'));
  await writeFile(join(folder, 'dist/main.js'), standIn);
  // Without the build that goes before; in a group of its own, so that nothing outlives the test.
  const npm = spawn('npm', ['start', '--ignore-scripts'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, NPM_CONFIG_UPDATE_NOTIFIER: 'false' },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const { pid } = npm;
  onTestFinished(async () => {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // All of them have ended.
    }
    await rm(folder, { recursive: true });
  });
  // Not before everything that writes to its output has ended.
  const closed = once(npm, 'close');
  await new Promise<void>((resolve) => {
    npm.stdout.on('data', (text) => String(text).includes('listening') && resolve());
  });

  npm.kill('SIGTERM');

  await closed;
  expect(await readFile(join(folder, 'ended'), 'utf8')).toBe('SIGTERM');
});
