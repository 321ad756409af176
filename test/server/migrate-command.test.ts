import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Migrations } from '../../src/database/migrations.ts';
import { ConfigurationError } from '../../src/server/configuration/configuration-error.ts';
import { migrateCommand } from '../../src/server/migrate-command.ts';
import { freePort } from '../support/free-ports.ts';

const notes: Migrations = {
  '2026-01-01-notes': (database) =>
    database.schema.createTable('notes').addColumn('text', 'text').execute(),
};
const failing: Migrations = {
  ...notes,
  '2026-02-01-failing': (database) => database.schema.dropTable('missing').execute(),
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migrate-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(
  words: readonly string[],
  migrations: Migrations | undefined,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  let output = '';
  const write = (text: string): void => {
    output += text;
  };
  const code = await migrateCommand({
    arguments: words,
    readEnvironment: () => ({ DATABASE_URL: `file:${join(folder, 'api.sqlite')}`, ...environment }),
    migrations,
    print: write,
    warn: write,
  });
  return `${output}exit ${code}\n`;
}

describe('npm run migrate', () => {
  it('applies what is due, all or nothing', async () => {
    expect(await run(['--list'], notes)).toBe('due      2026-01-01-notes\nexit 0\n');
    expect(await run([], failing)).toMatch(
      /^The migration 2026-02-01-failing failed, and nothing was changed: no such table: missing\nexit 1\n$/,
    );
    expect(await run(['--list'], notes)).toBe('due      2026-01-01-notes\nexit 0\n');
    expect(await run([], notes)).toBe('Applied 2026-01-01-notes.\nexit 0\n');
    expect(await run([], notes)).toBe('The database is up to date.\nexit 0\n');
    expect(await run(['--list'], notes)).toBe('applied  2026-01-01-notes\nexit 0\n');
    expect(await run([], {})).toMatch(
      /^The database is newer than .* 2026-01-01-notes\..*\nexit 1\n/,
    );
  });

  it('does not repeat the password of a database that cannot be reached', async () => {
    const DATABASE_URL = `postgres://api:secret-password@127.0.0.1:${await freePort()}/api`;
    const output = await run([], notes, { DATABASE_URL });

    expect(output).toMatch(/^The database cannot be used: connect ECONNREFUSED .*\nexit 1\n$/);
    expect(output).not.toContain('secret-password');
  });

  it.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
    ['unknown options', ['--down'], {}, /^Unknown option '--down'/],
    ['invalid settings', [], { DATABASE_URL: 'api.sqlite' }, /DATABASE_URL must be the path/],
    ['none in production', [], { DATABASE_URL: '', NODE_ENV: 'production' }, /URL is missing/],
  ])('rejects %s', async (_case, words, environment, message) => {
    const output = await run(words, notes, environment);

    expect(output).toMatch(message);
    expect(output).toMatch(/exit 2\n$/);
  });

  it('rejects an invalid file of variables', async () => {
    const problem = { variable: '.env', message: '.env line 1 is not a variable' };
    const code = await migrateCommand({
      arguments: [],
      readEnvironment() {
        throw new ConfigurationError([problem]);
      },
      migrations: notes,
      print: () => {},
      warn: (text) => expect(text).toContain(problem.message),
    });

    expect(code).toBe(2);
  });

  it('has nothing to do without modules', async () => {
    expect(await run([], undefined)).toBe('No module has migrations.\nexit 0\n');
    expect(await run(['--help'], undefined)).toMatch(
      /^Applies the migrations that are due[\s\S]*exit 0\n$/,
    );
  });
});
