import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { sql } from 'kysely';
import type { AuthContext } from '../../src/adapters/yoga/auth-options.ts';
import { useAuth } from '../../src/adapters/yoga/use-auth.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { DatabaseUnavailableError } from '../../src/database/database-unavailable-error.ts';
import type { ApiModule } from '../../src/server/api-definition.ts';
import { buildApi } from '../../src/server/build-api.ts';
import { authenticatorFor } from '../support/authentication.ts';
import { freePort } from '../support/free-ports.ts';
import { operate, send, type WireResponse } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer, createTestKey, type TokenOverrides } from '../support/tokens.ts';

/** What is at hand to bring a case about. */
interface AnswerEdge {
  /** The API, with `REQUIRED_CLAIMS=org_id`. */
  readonly server: TestServer;
}

/** Brings one case about. */
export type AnswerCase = (edge: AnswerEdge) => Promise<WireResponse>;

const json = ['Content-Type', 'application/json'];

/** Posts an operation with these further headers. */
export const post =
  (query: string, ...headers: readonly string[]): AnswerCase =>
  ({ server }) =>
    send(server.endpoint, {
      method: 'POST',
      headers: [...json, ...headers],
      body: JSON.stringify({ query }),
    });

/** Posts an operation with a token that is valid but for the overrides. */
export const withToken =
  (query: string, { claims, ...overrides }: TokenOverrides = {}): AnswerCase =>
  (edge) => {
    const all = { ...overrides, claims: { org_id: 'org_1', ...claims } };
    const token = edge.server.issuer.sign(all);
    return post(query, 'Authorization', `Bearer ${token}`)(edge);
  };

const seconds = ({ server }: AnswerEdge): number => server.issuer.clock.seconds();

/** Posts an operation with a token whose times are these many seconds from now. */
export const withTimes =
  (query: string, times: Readonly<Record<'exp' | 'nbf', number | undefined>>): AnswerCase =>
  (edge) => {
    const claims = Object.fromEntries(
      Object.entries(times).flatMap(([name, from]) =>
        from === undefined ? [] : [[name, seconds(edge) + from]],
      ),
    );
    return withToken(query, { claims })(edge);
  };

/** Posts a body as it is. */
export const postBody =
  (body: string, type = 'application/json'): AnswerCase =>
  ({ server }) =>
    send(server.endpoint, { method: 'POST', headers: ['Content-Type', type], body });

/** A token of an issuer whose keys cannot be had. */
export const whileIssuerIsDown: AnswerCase = async () => {
  const issuer = createTestIssuer();
  issuer.setDown(true);
  return askLayer(issuer, '{ stepUp }');
};

/** A guarded field of a schema whose rules this API's own schema does not have. */
export const withRule =
  (field: 'claims' | 'policy' | 'stepUp'): AnswerCase =>
  () =>
    askLayer(createTestIssuer(), `{ ${field} }`);

/** A field of an API whose database cannot be reached. */
export const withoutDatabase =
  (field: 'data' | 'guarded' | 'argument'): AnswerCase =>
  async () => {
    const url = `postgres://api@127.0.0.1:${await freePort()}/api`;
    const api = buildApi({ typeDefs: [authDirectives], resolvers: {}, modules: [dataModule] });
    const server = await startTestServer({ DATABASE_URL: url }, undefined, api);
    try {
      const token = server.issuer.sign();
      return await operate(server.endpoint, `{ ${field} }`, { token });
    } finally {
      await server.stop();
    }
  };

/** The second request, where a limit allows one. */
export const beyondRateLimit =
  (setting: 'RATE_LIMIT_ADDRESS' | 'RATE_LIMIT_VIEWER'): AnswerCase =>
  async () => {
    const server = await startTestServer({ [setting]: '1/60' });
    try {
      const token = server.issuer.sign();
      await operate(server.endpoint, '{ public { message } }', { token });
      return await operate(server.endpoint, '{ public { message } }', { token });
    } finally {
      await server.stop();
    }
  };

const dataModule: ApiModule<{ readonly query: () => Promise<boolean> }> = {
  typeDefs: 'type Query { data: Boolean guarded: Int @auth(policy: "byData") argument: Int }',
  resolvers: {
    Query: {
      data: (_source, _args, { query }) => query(),
      argument() {
        const extensions = { code: 'BAD_USER_INPUT', argument: 'first', http: { status: 400 } };
        throw new GraphQLError('first must be between 1 and 100.', { extensions });
      },
    },
  },
  policies: {
    byData: ({ context }) =>
      context.query().catch((error: unknown) => {
        if (error instanceof DatabaseUnavailableError) return { kind: 'unavailable' };
        throw error;
      }),
  },
  createContext: (_viewer, _request, { database }) => ({
    query: async () => (database ? (await sql`select 1`.execute(database.kysely)) && true : false),
  }),
  migrations: {},
};

async function askLayer(issuer: ReturnType<typeof createTestIssuer>, query: string) {
  const schema = guardSchema(
    makeExecutableSchema<AuthContext>({
      typeDefs: [
        authDirectives,
        `type Query {
          claims: Int @auth(claims: "org_id")
          policy: Int @auth(policy: "never")
          stepUp: Int @auth(maxAge: 60, acr: "strong")
        }`,
      ],
    }),
    { policies: { never: () => false } },
  );
  const yoga = createYoga<object, AuthContext>({
    schema,
    logging: false,
    plugins: [useAuth({ authenticator: authenticatorFor(issuer) })],
  });
  const response = await yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${issuer.sign()}` },
    body: JSON.stringify({ query }),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(
      [...response.headers].map(([name, value]) => [name.toLowerCase(), value]),
    ),
    text: await response.text(),
  };
}

export const foreignKey = createTestKey();
