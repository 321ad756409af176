import { type ParseArgsConfig, parseArgs } from 'node:util';
import { localUserNames } from '../dev/local-user.ts';
import { UsageError } from './command-error.ts';

/** The options that say which token to get; every command that needs one takes them. */
export const tokenOptions = {
  scope: { type: 'string', multiple: true },
  audience: { type: 'string' },
  as: { type: 'string' },
} as const;

/** How people read about those options. */
export const tokenOptionsHelp = `  --scope "A B"    the scopes to ask for (default: none)
  --audience ID    the API's identifier (default: the configured one)
  --as NAME        a person of the local issuer: ${localUserNames.join(', ')}
                   (default: the client of machines)`;

/** Which token to get. */
export interface TokenRequest {
  /** Space-delimited; empty for none. */
  readonly scope: string;
  readonly audience?: string;
  /** The login name of a person of the local issuer; without it, client credentials. */
  readonly user?: string;
}

/**
 * The arguments of a command.
 *
 * @throws UsageError for an unknown option, a missing value or an argument that has no place. It
 *   repeats no more than an option's name: a misplaced token is still a secret.
 */
export function readArguments<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
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
}): TokenRequest | undefined {
  const { scope, audience, as: user } = options;
  if (scope === undefined && audience === undefined && user === undefined) return undefined;
  if (user !== undefined && !localUserNames.some((name) => name === user)) {
    throw new UsageError(`--as must be one of ${localUserNames.join(', ')}.`);
  }
  const scopes = (scope ?? []).flatMap((each) => each.split(/\s+/)).filter(Boolean);
  if (scopes.some((each) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(each))) {
    throw new UsageError('--scope holds a character that no scope may have (RFC 6749 §3.3).');
  }
  if (audience === '') throw new UsageError('--audience needs a value.');
  return {
    scope: scopes.join(' '),
    ...(audience === undefined ? {} : { audience }),
    ...(user === undefined ? {} : { user }),
  };
}

function faultOf(cause: unknown): string {
  if (!(cause instanceof Error) || !('code' in cause)) throw cause;
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
