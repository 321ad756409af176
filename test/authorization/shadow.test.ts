import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, parse } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import type { Viewer } from '../../src/authentication/viewer.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { accessRules } from '../../src/authorization/review/access-rules.ts';
import type { Refusal } from '../../src/authorization/rules/refusal.ts';
import { type ApiOptions, createViewer, RulesApi } from '../support/rules-api.ts';
import { guardWithTrial } from '../support/rules-document-shadow.ts';

/* Rules in shadow: what they report, and that they change nothing else. */

const types = `
  type Query {
    open: String
    closed: String @auth
    scoped: String! @auth(scope: "a")
    owned: String @auth(policy: "no")
    slow: String @auth(policy: "later")
    report: Report
    reports: [Report!]!
    node: Node
    media: Media
    search(secret: String @auth(scope: "s"), filter: Filter): Int
    role: Role
    roles: [Role]
  }
  type Mutation { write: Int @auth(scope: "w") }
  interface Node { id: ID }
  type Report implements Node @auth(scope: "r") { id: ID }
  type Note implements Node { id: ID }
  type Video @auth(policy: "no") { id: ID }
  union Media = Video | Note
  input Filter { name: String hidden: String @auth }
  enum Role { USER ADMIN @auth(scope: "admin") }
`;
const data = {
  open: 'open',
  closed: 'closed',
  scoped: 'scoped',
  owned: 'owned',
  slow: 'slow',
  report: { id: 1 },
  reports: [{ id: 1 }, { id: 2 }],
  node: { id: 1, __typename: 'Report' },
  media: { id: 1, __typename: 'Video' },
  search: 1,
  role: 'ADMIN',
  roles: ['USER', 'ADMIN'],
  write: 1,
};

function createApi(coordinates?: readonly string[], options: ApiOptions = {}) {
  const reported: [refusal: Refusal, viewer: Viewer][] = [];
  const api = new RulesApi(types, {
    data,
    policies: { no: () => false, later: async () => false },
    shadow: {
      report: (refusal, viewer) => reported.push([refusal, viewer]),
      ...(coordinates ? { coordinates } : {}),
    },
    ...options,
  });
  return { api, reported };
}

describe('with every rule in shadow', () => {
  it.each<[operation: string, expected: readonly string[], viewer?: Viewer]>([
    ['{ open }', []],
    ['{ closed }', ['Query.closed UNAUTHENTICATED']],
    ['{ scoped }', ['Query.scoped FORBIDDEN a'], createViewer('b')],
    ['{ scoped }', [], createViewer('a')],
    ['{ owned slow }', ['Query.owned FORBIDDEN', 'Query.slow FORBIDDEN'], createViewer()],
    ['{ report { id } }', ['Query.report UNAUTHENTICATED r']],
    ['{ reports { id } }', ['Query.reports FORBIDDEN r'], createViewer()],
    ['{ node { id } }', ['Report FORBIDDEN r'], createViewer()],
    ['{ media { ... on Note { id } } }', ['Video FORBIDDEN'], createViewer()],
    ['{ search }', []],
    ['{ search(secret: "x") }', ['Query.search(secret:) UNAUTHENTICATED s']],
    ['{ search(filter: { hidden: "x" }) }', ['Filter.hidden UNAUTHENTICATED']],
    ['{ role roles }', ['Role.ADMIN FORBIDDEN admin'], createViewer()],
    ['mutation { write }', ['Mutation.write UNAUTHENTICATED w']],
  ])('%s reports %j', async (operation, expected, viewer) => {
    const { api, reported } = createApi();
    const outcome = await api.execute(operation, viewer ? { viewer } : {});
    await new Promise((resolve) => setImmediate(resolve));

    expect(outcome).toMatchObject({ status: 200, errors: {}, challenge: null });
    for (const [name, value] of Object.entries(outcome.data ?? {})) {
      expect([name, value]).not.toEqual([name, null]);
    }
    expect(outcome.ran).toEqual([...new Set(outcome.ran)]);
    expect(
      reported.map(([{ coordinate, code, scope }]) =>
        [coordinate, code, scope].filter(Boolean).join(' '),
      ),
    ).toEqual(expected);
    // The direct listener and the guards alone do the same.
    expect((await api.executeDirectly(operation, viewer ? { viewer } : {})).data).toEqual(
      outcome.data,
    );
    expect((await api.alone(operation, viewer ? { viewer } : {})).data).toEqual(outcome.data);
  });

  it('reports the path and the viewer, and nothing of the token', async () => {
    const { api, reported } = createApi();
    const viewer = createViewer('b', { email: 'secret@example.com' });
    await api.execute('{ mine: scoped }', { viewer });
    const [[refusal, who] = []] = reported;
    expect(refusal).toEqual({
      path: ['mine'],
      coordinate: 'Query.scoped',
      code: 'FORBIDDEN',
      scope: 'a',
    });
    expect(who).toBe(viewer);
  });

  it('reports each coordinate once for an operation, and again for the next one', async () => {
    const { api, reported } = createApi();
    for (let time = 0; time < 2; time += 1) {
      await api.execute('{ a: closed b: closed reports { id } }');
    }
    expect(reported.map(([{ coordinate }]) => coordinate)).toEqual([
      'Query.closed',
      'Query.reports',
      'Query.closed',
      'Query.reports',
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('reporter');
      },
    ],
    ['rejects', () => Promise.reject(new Error('reporter'))],
  ])('responds the same if the reporter %s', async (_, report) => {
    const { api } = createApi(undefined, { shadow: { report } });
    expect(await api.execute('{ closed }')).toMatchObject({
      status: 200,
      data: { closed: 'closed' },
    });
  });
});

describe('with some rules in shadow', () => {
  it('enforces the others', async () => {
    const { api, reported } = createApi(['Query.closed', 'Report']);
    const outcome = await api.execute('{ closed report { id } scoped open }');
    expect(outcome).toMatchObject({ status: 401 });
    const query = '{ closed report { id } open owned }';
    expect(await api.execute(query)).toMatchObject({
      status: 200,
      data: { closed: 'closed', report: { id: '1' }, open: 'open', owned: null },
      errors: { owned: 'UNAUTHENTICATED' },
    });
    expect(reported.map(([{ coordinate }]) => coordinate)).toEqual([
      'Query.closed',
      'Query.report',
    ]);
  });

  it('lists them beside the rules that are enforced', () => {
    const { api } = createApi(['Query.closed', 'Query.search(secret:)']);
    const rules = accessRules(api.schema);
    expect(rules).toContainEqual({
      coordinate: 'Query.closed',
      access: 'public',
      from: [],
      shadow: { access: 'authenticated', from: ['Query.closed'] },
    });
    expect(rules).toContainEqual({
      coordinate: 'Query.search(secret:)',
      access: 'public',
      from: [],
      shadow: { access: 'authenticated', scope: ['s'], from: ['Query.search(secret:)'] },
    });
    expect(rules).toContainEqual({
      coordinate: 'Query.scoped',
      access: 'authenticated',
      scope: ['a'],
      from: ['Query.scoped'],
    });
  });

  it.each([
    [['Query.open'], 'shadow.coordinates names Query.open, which has no @auth of its own'],
    [['Query.nothing'], 'shadow.coordinates names Query.nothing, which has no @auth of its own'],
  ])('rejects %j', (coordinates, message) => {
    expect(() => createApi(coordinates)).toThrow(message);
  });

  it('writes what the documentation says', async () => {
    const written: unknown[][] = [];
    vi.spyOn(console, 'info').mockImplementation((...words) => written.push(words));
    const sdl = `${authDirectives} type Query { report: Report @auth } type Report @auth(scope: "r") { id: ID open: Int @auth }`;
    const schema = guardWithTrial(makeExecutableSchema({ typeDefs: sdl }));
    const result = await execute({
      schema,
      document: parse('{ report { id open } }'),
      rootValue: { report: { id: 1, open: 1 } },
      contextValue: {},
    });
    vi.restoreAllMocks();
    expect(result.data).toEqual({ report: { id: '1', open: null } });
    expect(written).toEqual([['Query.report', 'UNAUTHENTICATED', 'r']]);
  });

  it('reports the problems of a schema as without shadow', () => {
    expect(
      () => new RulesApi('type Query { a: Int @auth(scope: "") }', { shadow: { report() {} } }),
    ).toThrow('scope must be a list');
    expect(() => new RulesApi('type Query { a: Int }', { shadow: { report() {} } })).toThrow(
      'no @auth was found',
    );
  });
});
