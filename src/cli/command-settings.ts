import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { CommandError } from './command-error.ts';
import { isEndpoint } from './send-operation.ts';

/** Where tokens come from. */
export type TokenSource =
  | { readonly kind: 'local'; readonly issuer: string }
  | {
      readonly kind: 'tenant';
      readonly issuer: string;
      readonly audience: string;
      readonly clientId: string;
      readonly clientSecret: string;
    };

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The variables of the environment, with those of the file beneath them. An empty one counts as not
 * set.
 *
 * @throws CommandError when the file is there and cannot be read.
 */
export function readVariables(environment: Variables, file: string): Variables {
  const set = Object.entries(environment).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  return { ...parseEnv(readIfPresent(file)), ...Object.fromEntries(set) };
}

/** The port of the API. The local issuer listens on the one after it. */
function readPort({ PORT }: Variables): number {
  const port = Number(PORT || 4000);
  if (!/^\d*$/.test(PORT ?? '') || port < 1 || port > 65_534) {
    throw new CommandError('PORT must be a number from 1 to 65534.');
  }
  return port;
}

/**
 * Where the API answers, unless an option says otherwise.
 *
 * @throws CommandError when PUBLIC_URL or PORT is wrong.
 */
export function readEndpoint(variables: Variables): string {
  const origin = variables.PUBLIC_URL || `http://localhost:${readPort(variables)}`;
  if (!isEndpoint(origin)) {
    throw new CommandError('PUBLIC_URL must be an http or https URL without credentials.');
  }
  return `${origin.replace(/\/+$/, '')}/graphql`;
}

/**
 * Where tokens come from: the tenant or issuer that is configured, else the local issuer.
 *
 * @throws CommandError when what belongs together is not all set.
 */
export function readTokenSource(variables: Variables): TokenSource {
  const { AUTH0_DOMAIN, AUTH0_AUDIENCE, OIDC_ISSUER, OIDC_AUDIENCE } = variables;
  const { AUTH0_CLIENT_ID: clientId, AUTH0_CLIENT_SECRET: clientSecret } = variables;
  if (AUTH0_DOMAIN && OIDC_ISSUER) {
    throw new CommandError('Set AUTH0_DOMAIN or OIDC_ISSUER, not both.');
  }
  const issuer = AUTH0_DOMAIN ? `https://${AUTH0_DOMAIN}/` : first(OIDC_ISSUER);
  const audience = first(AUTH0_DOMAIN ? AUTH0_AUDIENCE : OIDC_AUDIENCE);
  if (issuer === undefined) {
    if (clientId || clientSecret) {
      const mend = 'Set AUTH0_DOMAIN and AUTH0_AUDIENCE (or OIDC_ISSUER and OIDC_AUDIENCE) too.';
      throw new CommandError(
        `AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET belong to an issuer. ${mend}`,
      );
    }
    return { kind: 'local', issuer: `http://localhost:${readPort(variables) + 1}/` };
  }
  if (!clientId || !clientSecret) {
    const mend =
      'Set AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET of a client that may have its tokens.';
    throw new CommandError(
      `The API trusts ${issuer}, which gives tokens to its clients only. ${mend}`,
    );
  }
  if (audience === undefined) {
    const name = AUTH0_DOMAIN ? 'AUTH0_AUDIENCE' : 'OIDC_AUDIENCE';
    throw new CommandError(`Set ${name} to the identifier of the API.`);
  }
  return { kind: 'tenant', issuer, audience, clientId, clientSecret };
}

function first(list: string | undefined): string | undefined {
  return list
    ?.split(',')
    .map((each) => each.trim())
    .find(Boolean);
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') return '';
    throw new CommandError(`The file ${file} cannot be read (${code}).`, { cause });
  }
}
