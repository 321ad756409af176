import { type ParseArgsConfig, parseArgs } from 'node:util';
import { testUsers } from '../api/index.ts';
import { maxTokenLifetime } from '../local-issuer/clients-and-users.ts';
import { UsageError } from './command-error.ts';

/** The options that say which token to get; every command that needs one takes them. */
export const tokenOptions = {
  scope: { type: 'string', multiple: true },
  audience: { type: 'string' },
  as: { type: 'string' },
  lifetime: { type: 'string' },
} as const;

const userNames = testUsers.map(({ name }) => name).join(', ');

/** How people read about those options. */
export const tokenOptionsHelp = `  --scope "A B"    the scopes to request (default: with --as all that this person has, else none)
  --audience ID    the API's identifier (default: the configured one)
  --as NAME        a person of the local issuer: ${userNames}
                   (default: the client of machines)
  --lifetime SECONDS
                   how long the token is valid, at most ${maxTokenLifetime}; the local issuer only`;

/** Which token to get. */
export interface TokenRequest {
  /** Space-delimited; empty for none. Without it: what the person has, none for a machine. */
  readonly scope?: string;
  readonly audience?: string;
  /** The login name of a person of the local issuer; without it, client credentials. */
  readonly user?: string;
  /** In seconds; the local issuer only. */
  readonly lifetime?: number;
}

/**
 * The arguments of a command.
 *
 * @throws UsageError for an unknown option, one that is given twice, a missing value or an argument
 *   that has no place. It repeats no more than an option's name: a misplaced token is still a secret.
 */
export function readArguments<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    refuseRepetition(config);
    return parseArgs(config);
  } catch (cause) {
    throw new UsageError(`${faultOf(cause)} Try --help.`, { cause });
  }
}

/** The token that these options ask for; undefined when they ask for none. */
export function readTokenRequest(options: {
  readonly scope?: readonly string[] | undefined;
  readonly audience?: string | undefined;
  readonly as?: string | undefined;
  readonly lifetime?: string | undefined;
}): TokenRequest | undefined {
  const { scope, audience, as: user, lifetime } = options;
  if ([scope, audience, user, lifetime].every((option) => option === undefined)) return undefined;
  if (user !== undefined && !testUsers.some(({ name }) => name === user)) {
    throw new UsageError(`--as must be one of ${userNames}.`);
  }
  const scopes = (scope ?? []).flatMap((each) => each.split(/\s+/)).filter(Boolean);
  if (scopes.some((each) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(each))) {
    throw new UsageError('--scope holds a character that no scope may have (RFC 6749 §3.3).');
  }
  if (audience === '') throw new UsageError('--audience needs a value.');
  return {
    ...(scope === undefined ? {} : { scope: scopes.join(' ') }),
    ...(audience === undefined ? {} : { audience }),
    ...(user === undefined ? {} : { user }),
    ...(lifetime === undefined ? {} : { lifetime: readLifetime(lifetime) }),
  };
}

function readLifetime(text: string): number {
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > maxTokenLifetime) {
    throw new UsageError(
      `--lifetime must be a whole number of seconds from 1 to ${maxTokenLifetime}.`,
    );
  }
  return seconds;
}

/** Of an option that is given twice, one value would be ignored. */
function refuseRepetition(config: ParseArgsConfig): void {
  const seen = new Set<string>();
  for (const token of parseArgs({ ...config, tokens: true }).tokens) {
    if (token.kind !== 'option') continue;
    const { type, multiple = false } = config.options?.[token.name] ?? {};
    if (type !== 'string' || multiple) continue;
    if (seen.has(token.name)) throw new UsageError(`--${token.name} is given twice.`);
    seen.add(token.name);
  }
}

function faultOf(cause: unknown): string {
  if (cause instanceof UsageError || !(cause instanceof Error) || !('code' in cause)) throw cause;
  const option = /'(?:-\w, )?(--?[\w-]+)/.exec(cause.message)?.[1] ?? 'An option';
  switch (cause.code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `There is no option ${option}.`;
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return cause.message.includes('does not take an argument')
        ? `${option} takes no value.`
        : `${option} needs a value.`;
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return 'There is an argument too many.';
    default:
      throw cause;
  }
}
