import { makeExecutableSchema } from '@graphql-tools/schema';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import {
  anonymous,
  authDirectives,
  createGate,
  guardSchema,
  type Viewer,
  viewerWith,
} from '../../src/index.ts';

/** Challenges of one gate for a schema of these fields: what it has written stays known to it. */
function challengesOf(fields: string) {
  const schema = guardSchema(
    makeExecutableSchema({ typeDefs: [authDirectives, `type Query { ${fields} }`] }),
  );
  const gate = createGate({
    authenticator: {
      schemes: ['Bearer', 'DPoP'],
      dpopAlgorithms: ['ES256'],
      authenticate: async () => anonymous,
    },
    realm: 'test',
  });
  return async (query: string, viewer: Viewer): Promise<string | undefined> => {
    const document = parse(query);
    const outcome = await gate.authorize({ schema, document, contextValue: { viewer } });
    return outcome.kind === 'refused' ? outcome.headers['WWW-Authenticate'] : undefined;
  };
}

describe('the same refusal again', () => {
  const challenge = challengesOf(`
    a: Int @auth(scope: "a")
    choice: Int @auth(scope: ["x one", "y two"])
    other: Int @auth(scope: ["x", "z"])
    weak: Int @auth(acr: "gold")
    old: Int @auth(maxAge: 60)
    claimed: Int @auth(claims: ["tenant"])
    undefined: Int @auth(scope: "undefined")
  `);
  const insufficient =
    'Bearer realm="test", error="insufficient_scope", error_description="The access token is missing a scope that this operation requires.", scope=';
  const stepUp =
    'Bearer realm="test", error="insufficient_user_authentication", error_description="A stronger or more recent sign-in is required."';

  const cases: readonly (readonly [query: string, scopes: string | undefined, header: string])[] = [
    [
      '{ a }',
      undefined,
      'Bearer realm="test", scope="a", DPoP realm="test", scope="a", algs="ES256"',
    ],
    ['{ a }', '', `${insufficient}"a"`],
    ['{ a choice }', '', `${insufficient}"a x one"`],
    ['{ a choice }', 'two', `${insufficient}"a y two"`],
    ['{ a choice }', 'one', `${insufficient}"a x one"`],
    ['{ choice a }', 'two', `${insufficient}"y two a"`],
    ['{ choice other }', '', `${insufficient}"x one"`],
    ['{ choice other }', 'y two z', ''],
    ['{ weak }', '', `${stepUp}, acr_values="gold"`],
    ['{ old }', '', `${stepUp}, max_age="60"`],
    ['{ weak old }', '', `${stepUp}, acr_values="gold", max_age="60"`],
    ['{ claimed }', '', 'Bearer realm="test", DPoP realm="test", algs="ES256"'],
    ['{ claimed a }', '', `${insufficient}"a"`],
  ];

  it('has the same challenge, and any other its own', async () => {
    for (const round of ['first', 'second']) {
      for (const [query, scope, header] of cases) {
        const viewer = scope === undefined ? anonymous : viewerWith({ scopes: scope.split(' ') });
        const shown = await challenge(query, viewer);
        expect(shown ?? '', `${round}: ${query} with ${scope ?? 'no token'}`).toBe(header);
      }
    }
  });
});

describe('the largest challenge', () => {
  const scopes = (length: number): string => `${'s'.repeat(999)} ${'t'.repeat(length - 1_000)}`;

  it.each([
    [2_000, true],
    [2_001, false],
  ])('of %i characters of scopes names them: %s', async (length, isNamed) => {
    const challenge = challengesOf(`a: Int @auth(scope: "${scopes(length)}")`);

    for (const viewer of [anonymous, viewerWith({})]) {
      const header = (await challenge('{ a }', viewer)) ?? '';
      expect(header.includes(`scope="${scopes(length)}"`)).toBe(isNamed);
      expect(header.includes('scope="')).toBe(isNamed);
      expect(header.length).toBeLessThan(4_500);
    }
  });

  it.each([
    [2_000, true],
    [2_001, false],
  ])('of %i characters of classes names them: %s', async (length, isNamed) => {
    const classes = scopes(length).split(' ');
    const challenge = challengesOf(
      `a: Int @auth(acr: ${JSON.stringify(classes)}, maxAge: 2147483647)`,
    );

    const header = (await challenge('{ a }', viewerWith({}))) ?? '';
    expect(header.includes(`acr_values="${scopes(length)}"`)).toBe(isNamed);
    expect(header.includes('acr_values="')).toBe(isNamed);
    expect(header).toContain('max_age="2147483647"');
    expect(header.length).toBeLessThan(4_500);
  });
});
