import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type CommandIO, type LocalIssuer, UsageError } from './command.ts';

/** The options of every command that requests a token. */
export const tokenOptions = {
  scope: { type: 'string', multiple: true },
  audience: { type: 'string' },
  as: { type: 'string' },
  lifetime: { type: 'string' },
} as const;

/** The help text of `tokenOptions`, with the names of the test users if there is a local issuer. */
export async function tokenOptionsHelp({
  localIssuer,
}: Pick<CommandIO, 'localIssuer'>): Promise<string> {
  if (localIssuer === undefined) {
    return `  --scope "A B"    the scopes to request (default: none)
  --audience ID    the API's identifier (default: the configured one)`;
  }
  const testUsers = await localIssuer.loadTestUsers();
  return `  --scope "A B"    the scopes to request (default: with --as all of the user's, else none)
  --audience ID    the API's identifier (default: the configured one)
  --as NAME        a test user of the local issuer: ${testUsers.join(', ')}
                   (default: the machine client)
  --lifetime SECONDS
                   how long the token is valid, at most ${localIssuer.maxTokenLifetime}; local issuer only`;
}

/** Options that make a good example of requesting a token. */
export async function exampleTokenOptions({
  localIssuer,
}: Pick<CommandIO, 'localIssuer'>): Promise<string> {
  if (localIssuer === undefined) return '--scope "A B"';
  const [first = 'NAME'] = await localIssuer.loadTestUsers();
  return `--as ${first}`;
}

/** The token to request. */
export interface TokenRequest {
  /** Space-delimited; empty for none. Default: all scopes of the user, none for a machine. */
  readonly scope?: string;
  readonly audience?: string;
  /** The login name of a test user of the local issuer. Default: client credentials. */
  readonly user?: string;
  /** In seconds; local issuer only. */
  readonly lifetime?: number;
}

/**
 * Parses the arguments of a command.
 *
 * @throws UsageError for an unknown or repeated option, a missing value or an unexpected argument. The
 *   message has no values, because a misplaced token is still a secret.
 */
export function readArguments<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    rejectRepeatedOptions(config);
    return parseArgs(config);
  } catch (cause) {
    throw new UsageError(`${describeParseError(cause)} Try --help.`, { cause });
  }
}

/** The values of `tokenOptions`. */
interface TokenOptionValues {
  readonly scope?: readonly string[] | undefined;
  readonly audience?: string | undefined;
  readonly as?: string | undefined;
  readonly lifetime?: string | undefined;
}

/** The token that the options request; undefined without any of them. */
export async function readTokenRequest(
  options: TokenOptionValues,
  { localIssuer }: Pick<CommandIO, 'localIssuer'>,
): Promise<TokenRequest | undefined> {
  const { scope, audience, as: user, lifetime } = options;
  if ([scope, audience, user, lifetime].every((option) => option === undefined)) return undefined;
  if (localIssuer === undefined && (user !== undefined || lifetime !== undefined)) {
    throw new UsageError(
      '--as and --lifetime require the local issuer, which is not in the package.',
    );
  }
  if (user !== undefined) {
    const testUsers = (await localIssuer?.loadTestUsers()) ?? [];
    if (!testUsers.includes(user)) {
      throw new UsageError(`--as must be one of ${testUsers.join(', ')}.`);
    }
  }
  const scopes = (scope ?? []).flatMap((each) => each.split(/\s+/)).filter(Boolean);
  if (scopes.some((each) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(each))) {
    throw new UsageError('--scope has a character that is not allowed in a scope (RFC 6749 §3.3).');
  }
  if (audience === '') throw new UsageError('--audience requires a value.');
  return {
    ...(scope === undefined ? {} : { scope: scopes.join(' ') }),
    ...(audience === undefined ? {} : { audience }),
    ...(user === undefined ? {} : { user }),
    ...(lifetime === undefined ? {} : { lifetime: readLifetime(lifetime, localIssuer) }),
  };
}

function readLifetime(text: string, { maxTokenLifetime = 0 }: Partial<LocalIssuer> = {}): number {
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > maxTokenLifetime) {
    throw new UsageError(
      `--lifetime must be a whole number of seconds from 1 to ${maxTokenLifetime}.`,
    );
  }
  return seconds;
}

/** One value of a repeated option would be ignored. */
function rejectRepeatedOptions(config: ParseArgsConfig): void {
  const seen = new Set<string>();
  for (const token of parseArgs({ ...config, tokens: true }).tokens) {
    if (token.kind !== 'option') continue;
    const { type, multiple = false } = config.options?.[token.name] ?? {};
    if (type !== 'string' || multiple) continue;
    if (seen.has(token.name)) throw new UsageError(`--${token.name} is given twice.`);
    seen.add(token.name);
  }
}

function describeParseError(cause: unknown): string {
  if (cause instanceof UsageError || !(cause instanceof Error) || !('code' in cause)) throw cause;
  const option = /'(?:-\w, )?(--?[\w-]+)/.exec(cause.message)?.[1] ?? 'An option';
  switch (cause.code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `Unknown option ${option}.`;
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return cause.message.includes('does not take an argument')
        ? `${option} does not take a value.`
        : `${option} requires a value.`;
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return 'Unexpected argument.';
    default:
      throw cause;
  }
}

/**
 * Parses the value of `--variables`.
 *
 * @throws UsageError unless it is a JSON object.
 */
export function readJsonObject(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  const invalid = new UsageError(`--variables must be a JSON object, such as '{"id": 1}'.`);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid;
    return { ...value };
  } catch {
    throw invalid;
  }
}

/**
 * The operation among the arguments of a command.
 *
 * @throws UsageError unless there is exactly one.
 */
export function readOperation([operation, ...more]: readonly string[]): string {
  if (operation !== undefined && more.length === 0) return operation;
  throw new UsageError('Pass exactly one operation, in quotes. Try --help.');
}
