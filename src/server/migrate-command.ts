import { parseArgs } from 'node:util';
import { openDatabase } from '../database/database.ts';
import type { Migrations } from '../database/migrations.ts';
import { readDatabaseAlone } from './configuration/database.ts';
import type { Environment } from './configuration/setting-reader.ts';
import { formatStartupError } from './startup-error.ts';

/** What the command reads and writes. */
export interface MigrateCommand {
  readonly arguments: readonly string[];
  /** @throws {ConfigurationError} If the file of variables is invalid. */
  readonly readEnvironment: () => Environment;
  /** Those of all modules. Undefined if the API has no data. */
  readonly migrations: Migrations | undefined;
  readonly print: (text: string) => void;
  readonly warn: (text: string) => void;
}

const help = `Applies the migrations that are due to the database of DATABASE_URL. The API does so itself when it starts;
this command is for a role that is allowed more than the one of the API.

  npm run --silent migrate
  npm run --silent migrate -- --list

  --list  show which migrations have been applied and which are due, and change nothing
  --help  show this help

Exit codes: 0 if the database is up to date, or with --list, 1 if it cannot be migrated, 2 if the
arguments or settings are invalid.
`;

/** Runs the command, and returns the exit code. */
export async function migrateCommand(command: MigrateCommand): Promise<0 | 1 | 2> {
  const { migrations, print, warn } = command;
  let options: { readonly list?: boolean; readonly help?: boolean };
  let configuration: ReturnType<typeof readDatabaseAlone>;
  try {
    options = parseArgs({
      args: [...command.arguments],
      options: { list: { type: 'boolean' }, help: { type: 'boolean' } },
    }).values;
    if (options.help) {
      print(help);
      return 0;
    }
    configuration = readDatabaseAlone(command.readEnvironment());
  } catch (error) {
    warn(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (migrations === undefined || configuration === undefined) {
    print('No module has migrations.\n');
    return 0;
  }
  try {
    await migrateDatabase(configuration, migrations, options.list === true, print);
    return 0;
  } catch (error) {
    warn(`${formatStartupError(error)}\n`);
    return 1;
  }
}

async function migrateDatabase(
  configuration: { readonly url: string },
  migrations: Migrations,
  isList: boolean,
  print: (text: string) => void,
): Promise<void> {
  const database = openDatabase({ ...configuration, migrations });
  try {
    if (isList) {
      const { applied, pending } = await database.migrationState();
      for (const name of applied) print(`applied  ${name}\n`);
      for (const name of pending) print(`due      ${name}\n`);
      return;
    }
    const names = await database.migrate();
    for (const name of names) print(`Applied ${name}.\n`);
    if (names.length === 0) print('The database is up to date.\n');
  } finally {
    await database.close();
  }
}
