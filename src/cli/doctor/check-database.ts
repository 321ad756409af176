import { existsSync } from 'node:fs';
import { openDatabase } from '../../database/database.ts';
import { describeDatabase, parseDatabaseUrl } from '../../database/database-url.ts';
import type { Migrations } from '../../database/migrations.ts';
import type { Finding } from './finding.ts';

/** Reads from a database whether the API can use it. Changes nothing. */
export async function checkDatabase(
  url: string,
  migrations: Migrations,
): Promise<readonly Finding[]> {
  const name = `Database ${describeDatabase(url)}`;
  const address = parseDatabaseUrl(url);
  if (address?.dialect === 'sqlite' && !existsSync(address.path)) {
    return [{ verdict: 'note', text: `${name}: the file does not exist. The API creates it.` }];
  }
  let database: ReturnType<typeof openDatabase> | undefined;
  try {
    database = openDatabase({ url, migrations, poolSize: 1 });
    const { pending } = await database.migrationState();
    const findings: Finding[] = [
      pending.length === 0
        ? { verdict: 'ok', text: `${name}: it responds, and is up to date.` }
        : {
            verdict: 'note',
            text: `${name}: it responds. Migrations that are due: ${pending.join(', ')}. The API applies them when it starts, as does npm run migrate.`,
          },
    ];
    if (await database.bypassesRowSecurity()) {
      findings.push({
        verdict: 'problem',
        text: `${name}: row-level security does not apply to the role of DATABASE_URL.`,
        fix: 'Use a role that is neither a superuser nor has BYPASSRLS.',
        section: 'the-database-cannot-be-used',
      });
    }
    return findings;
  } catch (error) {
    return [
      {
        verdict: 'problem',
        text: `${name}: ${error instanceof Error ? error.message : 'it does not respond.'}`,
        fix: 'Check DATABASE_URL: host, port, database, role and password; and that the database runs.',
        section: 'the-database-cannot-be-used',
      },
    ];
  } finally {
    await database?.close();
  }
}
