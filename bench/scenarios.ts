import { fileURLToPath } from 'node:url';
import type { CredentialsKind } from './credentials.ts';

/** A server and the request that is measured on it. */
export interface Scenario {
  /** For `--only`, and in the JSON report. */
  readonly name: string;
  readonly label: string;
  readonly server: ServerCommand;
  readonly query: keyof typeof queries;
  readonly credentials: CredentialsKind;
  /** Whether the token lacks the scope, so that a refusal is measured. */
  readonly isRefused?: boolean;
  /** Whether the server has rules at all, and must be shown to enforce them first. */
  readonly isGuarded: boolean;
}

/** How a server is started. `PORT`, `OIDC_ISSUER` and `OIDC_AUDIENCE` come on top. */
export interface ServerCommand {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The origin in DPoP proofs. Default: the one that the server listens on. */
  readonly publicUrl?: string;
  /** What to install where the command is missing. Default: cannot be missing. */
  readonly requires?: string;
}

/** Every operation that is measured. */
export const queries = {
  guarded: '{ guarded { message } }',
  open: '{ open { message } }',
  guardedItems: '{ guardedItems { id name price stock isNew } }',
  openItems: '{ openItems { id name price stock isNew } }',
} as const;

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const node = (file: string, environment: Readonly<Record<string, string>> = {}): ServerCommand => ({
  command: process.execPath,
  arguments: [pathOf(file)],
  environment,
});

/** The process of `npm start`, in a copy that has the schema of the benchmark. */
const own: ServerCommand = {
  command: process.execPath,
  arguments: ['dist/main.js'],
  environment: { PUBLIC_URL: 'https://api.test' },
  publicUrl: 'https://api.test',
};
const useAuth = node('servers/yoga-use-auth.js');
const mercurius = node('peers/servers/mercurius.js');
const apollo = node('peers/servers/apollo.js');

const guarded = { query: 'guarded', credentials: 'bearer', isGuarded: true } as const;

export const scenarios: readonly [Scenario, ...Scenario[]] = [
  { ...guarded, name: 'guarded', label: 'This server, guarded field', server: own },
  {
    ...guarded,
    name: 'open',
    label: 'This server, open field, with a token',
    server: own,
    query: 'open',
  },
  {
    ...guarded,
    name: 'dpop',
    label: 'This server, guarded field, DPoP',
    server: own,
    credentials: 'dpop',
  },
  {
    ...guarded,
    name: 'new-tokens',
    label: 'This server, guarded field, each token new',
    server: own,
    credentials: 'newTokens',
  },
  {
    ...guarded,
    name: 'refused',
    label: 'This server, refused operation',
    server: own,
    isRefused: true,
  },
  {
    ...guarded,
    name: 'items',
    label: 'This server, 1,000 objects × 5 guarded fields',
    server: own,
    query: 'guardedItems',
  },
  {
    ...guarded,
    name: 'open-items',
    label: 'This server, 1,000 objects × 5 open fields, with a token',
    server: own,
    query: 'openItems',
  },
  { ...guarded, name: 'use-auth', label: 'Yoga + `useAuth`, guarded field', server: useAuth },
  {
    ...guarded,
    name: 'use-auth-open',
    label: 'Yoga + `useAuth`, open field, with a token',
    server: useAuth,
    query: 'open',
  },
  {
    ...guarded,
    name: 'use-auth-new-tokens',
    label: 'Yoga + `useAuth`, guarded field, each token new',
    server: useAuth,
    credentials: 'newTokens',
  },
  {
    ...guarded,
    name: 'use-auth-fast-jwt',
    label: 'Yoga + `useAuth` with fast-jwt (no cache), each token new',
    server: node('servers/yoga-use-auth.js', { AUTHENTICATOR: 'fast-jwt' }),
    credentials: 'newTokens',
  },
  {
    name: 'node-http',
    label: '`node:http`, body read and parsed, no GraphQL',
    server: node('peers/servers/node-http.js'),
    query: 'guarded',
    credentials: 'bearer',
    isGuarded: false,
  },
  {
    name: 'yoga',
    label: 'Yoga with default options, unguarded',
    server: node('peers/servers/yoga.js'),
    query: 'guarded',
    credentials: 'bearer',
    isGuarded: false,
  },
  {
    ...guarded,
    name: 'mercurius',
    label: 'Mercurius (JIT) + mercurius-auth + fast-jwt',
    server: mercurius,
  },
  {
    ...guarded,
    name: 'mercurius-items',
    label: 'Mercurius (JIT) + mercurius-auth + fast-jwt, 1,000 objects × 5 guarded fields',
    server: mercurius,
    query: 'guardedItems',
  },
  {
    ...guarded,
    name: 'mercurius-new-tokens',
    label: 'Mercurius (JIT) + mercurius-auth + fast-jwt (no cache), each token new',
    server: node('peers/servers/mercurius.js', { TOKEN_CACHE: 'off' }),
    credentials: 'newTokens',
  },
  {
    ...guarded,
    name: 'apollo',
    label: 'Apollo Server + express-oauth2-jwt-bearer',
    server: apollo,
  },
  {
    ...guarded,
    name: 'apollo-dpop',
    label: 'Apollo Server + express-oauth2-jwt-bearer, DPoP',
    server: node('peers/servers/apollo.js', { DPOP: 'required' }),
    credentials: 'dpop',
  },
  {
    ...guarded,
    name: 'yoga-generic-auth',
    label: 'Yoga + plugin-jwt + generic-auth',
    server: node('peers/servers/yoga-generic-auth.js'),
  },
  {
    ...guarded,
    name: 'flask',
    label: 'Flask + Authlib, gunicorn, no GraphQL',
    server: {
      command: 'gunicorn',
      arguments: [
        ...['--config', pathOf('peers/servers/gunicorn.conf.py')],
        ...['--chdir', pathOf('peers/servers'), 'flask_app:app'],
      ],
      environment: { PYTHONDONTWRITEBYTECODE: '1' },
      requires: 'gunicorn, python3-flask and python3-authlib',
    },
  },
];
