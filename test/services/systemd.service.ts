import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDocument } from '../documentation/markdown.ts';

const name = 'graphql-resource-server.service';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unit-'));
  file = join(folder, name);
  const unit = readDocument(`deploy/systemd/${name}`);
  // A program that exists on this machine.
  await writeFile(file, unit.replace('ExecStart=/usr/bin/node ', `ExecStart=${process.execPath} `));
});
afterAll(() => rm(folder, { recursive: true }));

async function analyze(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)('systemd-analyze', args).catch(
    (error: unknown) => {
      throw error instanceof Error && 'code' in error && error.code === 'ENOENT'
        ? new Error(
            'This test needs systemd-analyze. On Debian and Ubuntu: apt-get install systemd.',
          )
        : error;
    },
  );
  return stdout + stderr;
}

it('systemd accepts the unit, and finds it well protected', async () => {
  expect(await analyze('verify', '--man=no', file)).toBe('');
  const [, exposure] =
    /exposure level for \S+: ([\d.]+)/.exec(
      await analyze('security', '--offline=true', '--no-pager', file),
    ) ?? [];
  console.log(`systemd-analyze security: ${exposure} of 10`);
  // 10 is a service without any protection.
  expect(Number(exposure)).toBeLessThan(2);
});
