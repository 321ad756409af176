import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import type { AuthContext } from '../../src/adapters/yoga/auth-options.ts';
import { useAuth } from '../../src/adapters/yoga/use-auth.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { authenticatorFor } from '../support/authentication.ts';
import { send, type WireResponse } from '../support/http.ts';
import type { TestServer } from '../support/server.ts';
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
