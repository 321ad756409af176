import { readFile } from 'node:fs/promises';
import { listScopes } from '../authorization/review/access-rules.ts';
import { CommandError, type CommandIO, type ExitCode, UsageError } from './command.ts';
import { checkApi } from './doctor/check-api.ts';
import { checkIssuers } from './doctor/check-issuers.ts';
import { checkRedis } from './doctor/check-redis.ts';
import { checkToken } from './doctor/check-token.ts';
import type { DoctorEnvironment } from './doctor/diagnosed-api.ts';
import { type Finding, formatFindings } from './doctor/finding.ts';
import { loadGuardedSchema, schemaOptions, schemaOptionsHelp } from './load-schema.ts';
import { readArguments } from './read-arguments.ts';

const help = ({
  formatCommand,
}: CommandIO): string => `Checks the settings, the issuers and their keys, clocks, the URL of the API, Redis and the database.
With a token, says whether the API accepts it, and if not, which check fails. Prints nothing of the
token that is secret.

  ${formatCommand('doctor', '--token TOKEN')}

  --token TOKEN    also verify this access token; - reads it from standard input, which is also
                   read if it is a pipe or a file
  --authorization VALUE
                   also verify the value of an Authorization header, as it is
  --reason REASON  explain a reason that a response has (errors[].extensions.reason)
${schemaOptionsHelp}
  --help           show this help

Exit codes: 0 if no problem was found, 1 if there is one, 2 if the arguments are invalid.
`;

const options = {
  token: { type: 'string' },
  authorization: { type: 'string' },
  reason: { type: 'string' },
  ...schemaOptions,
  help: { type: 'boolean' },
} as const;

/** Finds out why an API rejects tokens, or cannot start. */
export async function doctorCommand(io: CommandIO): Promise<ExitCode> {
  const { values } = readArguments({ args: [...io.arguments], options });
  if (values.help) {
    io.print(help(io));
    return 0;
  }
  if (values.reason !== undefined) {
    io.print(await explainReason(values.reason));
    return 0;
  }
  const authorization = await readAuthorization(values, io);
  const settings = await io.loadDiagnosedSettings();
  if (settings.kind === 'invalid') {
    return report(
      settings.problems.map((text) => ({
        verdict: 'problem',
        text,
        fix: 'Change it in the environment or in .env. Nothing else is checked before that.',
        section: 'a-setting-is-missing-or-wrong',
      })),
      io,
    );
  }
  const { api } = settings;
  const environment: DoctorEnvironment = { fetch, now: Date.now };
  const findings: Finding[] = [
    { verdict: 'ok', text: 'Settings: they are valid.' },
    ...(await checkIssuers(api, environment)),
    ...(await checkApi(api, environment)),
    ...(await checkRedis(api.redisUrl)),
    ...((await api.checkDatabase?.()) ?? []),
  ];
  if (authorization !== undefined) {
    const scopes = await readScopeNames(values, io);
    findings.push(...(await checkToken({ authorization, scopes }, api, environment)));
  }
  return report(findings, io);
}

function report(findings: readonly Finding[], io: CommandIO): ExitCode {
  io.print(formatFindings(findings));
  const count = findings.filter(({ verdict }) => verdict === 'problem').length;
  io.print(
    `\n${count === 0 ? 'No problems' : count === 1 ? '1 problem' : `${count} problems`} found.\n`,
  );
  return count === 0 ? 0 : 1;
}

async function readAuthorization(
  { token, authorization }: { readonly token?: string; readonly authorization?: string },
  io: CommandIO,
): Promise<string | undefined> {
  if (token !== undefined && authorization !== undefined) {
    throw new UsageError('Choose one: --token or --authorization.');
  }
  if (authorization !== undefined) return authorization;
  const text = token === undefined || token === '-' ? await io.readInput(token === '-') : token;
  if (text === undefined || (token === undefined && text.trim() === '')) return undefined;
  if (text.trim() === '') throw new UsageError('The token is empty.');
  return `Bearer ${text.replace(/\r?\n$/, '')}`;
}

/** The scopes of the schema, if there is one: a token can be checked without it. */
async function readScopeNames(
  values: Parameters<typeof loadGuardedSchema>[0],
  io: CommandIO,
): Promise<readonly string[]> {
  try {
    return listScopes(await loadGuardedSchema(values, io));
  } catch (error) {
    if (error instanceof CommandError && values.schema === undefined && values.module === undefined)
      return [];
    throw error;
  }
}

/** Prints a section of docs/troubleshooting.md, which the package has too. */
async function explainReason(reason: string): Promise<string> {
  const page = await readFile(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');
  const [, section] = page.split(`\n### ${reason}\n`);
  const known = [...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  if (section === undefined || !known.includes(reason)) {
    throw new UsageError(`Unknown reason. The reasons are: ${known.join(', ')}.`);
  }
  const [text = ''] = section.split(/^#/m);
  return `${reason}\n${text
    .replace(/\*\*|`/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trimEnd()}\n`;
}
