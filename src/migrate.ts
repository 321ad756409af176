/** The command `npm run migrate`. */
import * as definition from './api/index.ts';
import { combineMigrations, modulesOf } from './server/api-modules.ts';
import { readEnvironment } from './server/configuration/environment-file.ts';
import { migrateCommand } from './server/migrate-command.ts';

process.exitCode = await migrateCommand({
  arguments: process.argv.slice(2),
  readEnvironment: () => readEnvironment({ environment: process.env, file: '.env' }),
  migrations: combineMigrations(modulesOf(definition)),
  print: (text) => process.stdout.write(text),
  warn: (text) => process.stderr.write(text),
});
