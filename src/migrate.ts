/** The command `npm run migrate`. */
import { modules } from './api/index.ts';
import { combineMigrations } from './server/api-modules.ts';
import { readEnvironment } from './server/configuration/environment-file.ts';
import { migrateCommand } from './server/migrate-command.ts';

process.exitCode = await migrateCommand({
  arguments: process.argv.slice(2),
  readEnvironment: () => readEnvironment({ environment: process.env, file: '.env' }),
  migrations: combineMigrations(modules),
  print: (text) => process.stdout.write(text),
  warn: (text) => process.stderr.write(text),
});
