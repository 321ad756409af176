import DataLoader from 'dataloader';
import { describe, expect, test } from 'vitest';
import type { AuthenticatedViewer } from '../../src/authentication/viewer.ts';
import { toKeys } from '../../src/authorization/enforcement/refusal-collector.ts';
import type { PolicyInput } from '../../src/authorization/rules/policies.ts';
import type {
  BatchedPolicy,
  PolicyDefinitions,
} from '../../src/authorization/rules/policy-definition.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { createViewer, now, type OperationOutcome, RulesApi } from '../support/rules-api.ts';

const viewer = createViewer('read');

/** A policy that counts its calls. Allows what `isAllowed` of the source says, or everything. */
function countingPolicy(options: Partial<BatchedPolicy> = {}) {
  const calls: (readonly PolicyInput[])[] = [];
  const policy: BatchedPolicy = {
    batched: async (inputs) => {
      calls.push(inputs);
      return inputs.map(({ source }) => !JSON.stringify(source ?? {}).includes('"denied":true'));
    },
    ...options,
  };
  return { policy, calls, sizes: () => calls.splice(0).map(({ length }) => length) };
}

const types = `
  type Query { things: [Thing] other: Other @auth(policy: "p") value: E }
  type Mutation { one: Int @auth(policy: "p") two: Int @auth(policy: "p") }
  type Subscription { event: Thing }
  type Thing @auth(policy: "p") { a: Int @auth(policy: "p") b: Int @auth(policy: "p") c: Int @auth(policy: "p") n: Int! @auth(policy: "p") plain: Int }
  type Other { things: [Thing] }
  enum E { PLAIN SECRET @auth(policy: "p") }
`;
const things = (count: number, denied = -1) =>
  Array.from({ length: count }, (_, index) => ({
    a: index,
    b: index,
    c: index,
    n: index,
    denied: index === denied,
  }));

/** The ways to execute. Each has its own tick. */
const executions: readonly (readonly [
  string,
  (api: RulesApi, operation: string) => Promise<Pick<OperationOutcome, 'data' | 'errors'>>,
])[] = [
  ['through Yoga', (api, operation) => api.execute(operation, { viewer })],
  ['compiled', (api, operation) => api.executeDirectly(operation, { viewer })],
  ['GraphQL.js, without a gate', (api, operation) => api.alone(operation, { viewer })],
  [
    'the executor of Yoga, without a gate',
    (api, operation) => api.alone(operation, { viewer }, 'tools'),
  ],
];

describe.each(executions)('a batched policy, %s', (_name, run) => {
  test('is called once for each tick, across fields, lists and types', async () => {
    const { policy, sizes } = countingPolicy();
    const data = { things: things(3), other: { things: things(2) }, value: 'SECRET' };
    const api = new RulesApi(types, { data, policies: { p: policy } });
    const operation = '{ value things { a b c } other { things { a } } }';
    await run(api, operation);
    sizes();
    const { data: result, errors } = await run(api, operation);
    expect(errors).toEqual({});
    expect(result).toMatchObject({ value: 'SECRET', things: [{ a: 0 }, { b: 1 }, { c: 2 }] });
    // 3 things, a field and a value; then 9 fields and 2 things; then 2 fields.
    expect(sizes()).toEqual([5, 11, 2]);
  });

  test('decides about each input by itself', async () => {
    const { policy } = countingPolicy();
    const api = new RulesApi(types, { data: { things: things(3, 1) }, policies: { p: policy } });
    const outcome = await run(api, '{ things { a } }');
    expect(outcome).toMatchObject({
      data: { things: [{ a: 0 }, null, { a: 2 }] },
      errors: { 'things.1': 'FORBIDDEN' },
    });
  });

  test('1,000 objects with 3 fields: 3 calls', async () => {
    const { policy, sizes } = countingPolicy();
    const api = new RulesApi(types.replace('type Thing @auth(policy: "p")', 'type Thing'), {
      data: { things: things(1_000) },
      policies: { p: policy },
    });
    expect((await run(api, '{ things { a b c } }')).errors).toEqual({});
    expect(Math.max(...sizes().slice(-3))).toBe(1_000);
  });

  test('DataLoaders of resolvers load as many keys at once as without guards', async () => {
    const batches: number[] = [];
    const load = (guards: boolean): Promise<unknown> => {
      batches.length = 0;
      const loader = new DataLoader<number, number>(
        async (keys) => {
          batches.push(keys.length);
          return keys.map((key) => key * 2);
        },
        { cache: false },
      );
      const resolve = (source: unknown) => loader.load(JSON.parse(JSON.stringify(source)).a);
      // Policies that take their time, each its own, in several calls.
      const later = (delay: number): BatchedPolicy => ({
        batched: async (inputs) => {
          for (let turn = 0; turn < delay; turn += 1) await new Promise(setImmediate);
          return inputs.map(() => true);
        },
        maxBatchSize: 7 * delay,
      });
      const guarded = types
        .replace('b: Int @auth(policy: "p")', 'b: Int @auth(policy: "q")')
        .replaceAll(/@auth\(policy: "p"\)/g, (rule) => (guards ? rule : ''));
      const api = new RulesApi(guards ? guarded : guarded.replaceAll(/@auth\(\S+ "q"\)/g, ''), {
        data: { things: things(50) },
        policies: guards ? { p: later(1), q: later(5) } : {},
        allowNoRules: true,
        resolvers: { Thing: { a: resolve, b: resolve, c: resolve } },
      });
      return run(api, '{ things { a b c } }');
    };
    const without = await load(false);
    const expected = [...batches];
    expect(await load(true)).toMatchObject(JSON.parse(JSON.stringify(without)));
    expect(batches).toEqual(expected);
    expect(expected.at(-1)).toBe(150);
  });
});

const nodeTypes = `
  type Query { node: Node same: Node nodes: [Node] grid: [[Node]] any: [Any] strict: [Strict!] }
  type Node { secret(x: Int): String @auth(policy: "p") child: Node @auth(policy: "p") plain: String }
  type Hidden @auth(policy: "p") { secret: String @auth(policy: "p") }
  union Any = Node | Hidden
  type Strict { broken: String! a: String! @auth(policy: "p") b: String @auth(policy: "p") }
`;
const node = { secret: 's', plain: 'p', child: { secret: 'c' }, __typename: 'Node' };
const deniedNode = { ...node, denied: true };

interface ReachedCase {
  readonly operation: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly expected: unknown;
  /** The paths of the errors. */
  readonly errors?: readonly string[];
  /** GraphQL.js 16 has no such lists. */
  readonly isOfYoga?: true;
  /** The paths that the policy was asked about. Those of objects are of their field. */
  readonly asked: readonly string[];
}

/** What is the same in every executor, however objects are reached. */
const reached: Readonly<Record<string, ReachedCase>> = {
  'items that are null, an error and a promise': {
    operation: '{ nodes { secret } }',
    data: { nodes: [null, new Error('item'), Promise.resolve(node), deniedNode, node] },
    expected: { nodes: [null, null, { secret: 's' }, { secret: null }, { secret: 's' }] },
    errors: ['nodes.1', 'nodes.3.secret'],
    asked: ['nodes.2.secret', 'nodes.3.secret', 'nodes.4.secret'],
  },
  'lists of lists': {
    operation: '{ grid { secret plain } }',
    data: { grid: [[node, deniedNode], null, [], [node]] },
    expected: {
      grid: [
        [
          { secret: 's', plain: 'p' },
          { secret: null, plain: 'p' },
        ],
        null,
        [],
        [{ secret: 's', plain: 'p' }],
      ],
    },
    errors: ['grid.0.1.secret'],
    asked: ['grid.0.0.secret', 'grid.0.1.secret', 'grid.3.0.secret'],
  },
  'an asynchronous list': {
    isOfYoga: true,
    operation: '{ nodes { secret } }',
    data: {
      nodes: {
        async *[Symbol.asyncIterator]() {
          yield node;
          await new Promise(setImmediate);
          yield deniedNode;
        },
      },
    },
    expected: { nodes: [{ secret: 's' }, { secret: null }] },
    errors: ['nodes.1.secret'],
    asked: ['nodes.0.secret', 'nodes.1.secret'],
  },
  'one object in several places, and aliases with different arguments': {
    operation: '{ node { one: secret(x: 1) two: secret(x: 2) } same { secret } }',
    data: { node, same: node },
    expected: { node: { one: 's', two: 's' }, same: { secret: 's' } },
    asked: ['node.one', 'node.two', 'same.secret'],
  },
  'not what @skip and @include leave out': {
    operation: `{ nodes { plain secret @skip(if: true) ...F @include(if: false) ...G } }
      fragment F on Node { two: secret } fragment G on Node { child { secret } }`,
    data: { nodes: [node] },
    expected: { nodes: [{ plain: 'p', child: { secret: 'c' } }] },
    asked: ['nodes.0.child', 'nodes.0.child.secret'],
  },
  'the fields of the runtime type, once the object is allowed': {
    operation: '{ any { ... on Hidden { secret } ... on Node { two: secret } } }',
    data: {
      any: [
        node,
        { secret: 'h', __typename: 'Hidden' },
        { secret: 'h', __typename: 'Hidden', denied: true },
      ],
    },
    expected: { any: [{ two: 's' }, { secret: 'h' }, null] },
    errors: ['any.2'],
    asked: ['any', 'any.0.two', 'any.1.secret'],
  },
  'nothing below a refused field': {
    operation: '{ nodes { child { secret } plain } }',
    data: { nodes: [deniedNode, node] },
    expected: {
      nodes: [
        { child: null, plain: 'p' },
        { child: { secret: 'c' }, plain: 'p' },
      ],
    },
    errors: ['nodes.0.child'],
    asked: ['nodes.0.child', 'nodes.1.child', 'nodes.1.child.secret'],
  },
  'the fields beside one whose null propagates': {
    operation: '{ strict { a b } }',
    data: { strict: [{ a: 'a', b: 'b', denied: true }, { a: 'a' }] },
    expected: { strict: null },
    errors: ['strict.0.a', 'strict.0.b'],
    asked: ['strict.0.a', 'strict.0.b', 'strict.1.a', 'strict.1.b'],
  },
  'the fields before one that fails at once, and none after it': {
    operation: '{ strict { a broken b } }',
    data: { strict: [{ a: 'a' }, { a: 'a', broken: 'x' }] },
    expected: { strict: null },
    errors: ['strict.0.broken'],
    asked: ['strict.0.a', 'strict.1.a', 'strict.1.b'],
  },
};

describe.each(executions)('what a batched policy is asked about, %s', (name, run) => {
  const cases = Object.entries(reached).filter(
    ([, { isOfYoga }]) => !(isOfYoga && name.startsWith('GraphQL.js')),
  );
  test.each(cases)('%s', async (_case, { operation, data, ...expected }) => {
    const { policy, calls } = countingPolicy();
    const api = new RulesApi(nodeTypes, { data, policies: { p: policy } });
    const outcome = await run(api, operation);
    const paths = calls.flat().map(({ info }) => toKeys(info.path).join('.'));
    expect(outcome.data).toEqual(expected.expected);
    expect(Object.keys(outcome.errors).sort()).toEqual(expected.errors ?? []);
    // Some execute twice.
    expect([...new Set(paths)].sort()).toEqual(expected.asked);
  });
});

test.each(executions)('refusals in every form, %s', async (_name, run) => {
  const forms = { e: {}, q: { refusedAs: 'null' }, h: { hidden: true } } as const;
  const api = new RulesApi(
    `type Query { nodes: [Fields] }
     type Fields { e: Int @auth(policy: "e") q: Int @auth(policy: "q") h: Int @auth(policy: "h") n: Int }`,
    {
      data: {
        nodes: [
          { e: 1, q: 1, h: 1, n: 1, denied: true },
          { e: 2, q: 2 },
        ],
      },
      policies: Object.fromEntries(
        Object.entries(forms).map(([name, form]) => [name, countingPolicy(form).policy]),
      ),
    },
  );
  const { data, errors } = await run(api, '{ nodes { e q h n } }');
  expect(data).toEqual({
    nodes: [
      { e: null, q: null, h: null, n: 1 },
      { e: 2, q: 2, h: null, n: null },
    ],
  });
  expect(errors).toEqual({
    'nodes.0.e': 'FORBIDDEN',
    'nodes.0.h': 'FORBIDDEN',
    'nodes.1.h': 'FORBIDDEN',
  });
});

describe('what a batched policy returns', () => {
  const cases: readonly (readonly [string, BatchedPolicy['batched'], string | undefined])[] = [
    ['a list, at once', (inputs) => inputs.map(() => false), undefined],
    ['too few decisions', async (inputs) => inputs.slice(1).map(() => true), '2 decisions for 3'],
    ['too many decisions', (inputs) => [true, ...inputs.map(() => true)], '4 decisions for 3'],
    ['no list', Object.assign(async () => 'yes'), 'no list'],
    [
      'a throw',
      () => {
        throw new Error('thrown');
      },
      'thrown',
    ],
    ['a rejection', () => Promise.reject(new Error('rejected')), 'rejected'],
    [
      'a list of promises, one of which rejects',
      Object.assign((inputs: readonly PolicyInput[]) =>
        inputs.map(async (_input, index) => index > 0 || Promise.reject(new Error('no'))),
      ),
      'list of promises',
    ],
    ['a list of something else', Object.assign(() => [1, 'yes', null]), undefined],
  ];
  test.each(cases)('%s', async (_name, batched, reported) => {
    const api = new RulesApi(types, {
      data: { things: things(3) },
      policies: { p: { batched } },
    });
    const { data, errors } = await api.execute('{ things { a } }', { viewer });
    expect(data).toEqual({ things: [null, null, null] });
    expect(Object.values(errors)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
    // Once for the call.
    expect(api.logged).toHaveLength(reported === undefined ? 0 : 1);
    if (reported) expect(String(api.logged[0]?.[1])).toContain(reported);
  });

  test('a list with holes: those deny, and the other decisions stay where they are', async () => {
    const batched: BatchedPolicy['batched'] = (inputs) => {
      const decisions = new Array<boolean>(inputs.length);
      decisions[2] = true;
      return decisions;
    };
    const api = new RulesApi(types.replaceAll(/(\w: Int!?) @auth\(policy: "p"\)/g, '$1'), {
      data: { things: things(3) },
      policies: { p: { batched } },
    });
    const { data } = await api.execute('{ things { a } }', { viewer });
    expect(data).toEqual({ things: [null, null, { a: 2 }] });
  });

  test('denials, each with its own reason', async () => {
    const api = new RulesApi(types, {
      data: { things: things(3) },
      policies: {
        p: {
          batched: () => [
            { kind: 'scope', scope: 'write' },
            { kind: 'policy', code: 'ARCHIVED' },
            JSON.parse('{"kind":"unknown"}'),
          ],
        },
      },
    });
    const { errors } = await api.execute('{ things { a } }', { viewer });
    expect(errors).toEqual({
      'things.0': 'FORBIDDEN scope=write',
      'things.1': 'ARCHIVED',
      'things.2': 'FORBIDDEN',
    });
    expect(api.logged).toHaveLength(1);
  });
});

test('maxBatchSize splits what a tick asked into concurrent calls', async () => {
  const { policy, sizes } = countingPolicy({ maxBatchSize: 4 });
  const api = new RulesApi(types, { data: { things: things(10, 9) }, policies: { p: policy } });
  const { errors } = await api.execute('{ things { plain } }', { viewer });
  expect(sizes()).toEqual([4, 4, 2]);
  expect(errors).toEqual({ 'things.9': 'FORBIDDEN' });
});

test('after timeoutMs, a call denies, its result is dropped, and the timer is canceled otherwise', async () => {
  const timers = new Map<object, { readonly milliseconds: number; readonly run: () => void }>();
  const clock: Clock = {
    now: () => new Date(now * 1000),
    setTimer(milliseconds, run) {
      const timer = {};
      timers.set(timer, { milliseconds, run });
      return () => timers.delete(timer);
    },
  };
  const api = (policy: BatchedPolicy) =>
    new RulesApi(types, { data: { things: things(2) }, policies: { p: policy }, clock });
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', listen);
  try {
    let reject = (_reason: Error): void => {};
    const slow = api({
      timeoutMs: 1_234,
      batched: () => {
        setImmediate(() => {
          for (const { milliseconds, run } of timers.values()) if (milliseconds === 1_234) run();
        });
        return new Promise((_, settle) => {
          reject = settle;
        });
      },
    });
    const { data, errors } = await slow.execute('{ things { plain } }', { viewer });
    expect(data).toEqual({ things: [null, null] });
    expect(errors).toEqual({ 'things.0': 'FORBIDDEN', 'things.1': 'FORBIDDEN' });
    expect(String(slow.logged[0]?.[1])).toContain('longer than 1234 ms');
    expect(slow.logged).toHaveLength(1);
    reject(new Error('too late'));
    await new Promise(setImmediate);

    await api({ batched: async (inputs) => inputs.map(() => true) }).execute(
      '{ things { plain } }',
      { viewer },
    );
    expect([...timers.values()]).toEqual([]);
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', listen);
  }
});

test('the root fields of a mutation are approved by one call, and decided again in their turn', async () => {
  const { policy, sizes } = countingPolicy({ memo: () => 'all' });
  const { policy: plain, sizes: plainSizes } = countingPolicy();
  for (const [p, read] of [[policy, sizes] as const, [plain, plainSizes] as const]) {
    const api = new RulesApi(types, { data: { one: 1, two: 2 }, policies: { p } });
    const { data } = await api.execute('mutation { one two again: two }', { viewer });
    expect(data).toEqual({ one: 1, two: 2, again: 2 });
    // What is remembered is not used once a field has run.
    expect(read()).toEqual(p === policy ? [1, 1, 1] : [3, 1, 1]);
  }
});

describe('memo', () => {
  const count = async (
    policies: (asked: PolicyInput[]) => PolicyDefinitions,
    operation: string,
    run = executions[0]?.[1],
  ): Promise<number> => {
    const asked: PolicyInput[] = [];
    const shared = { a: 1, b: 1, c: 1 };
    const api = new RulesApi(types, {
      data: { things: [shared, shared, { ...shared }] },
      policies: policies(asked),
      subscribe: {
        event: async function* () {
          yield { event: shared };
          yield { event: shared };
        },
      },
    });
    if (operation.startsWith('subscription')) {
      const body = { query: operation };
      await (await api.post(body, viewer, 'text/event-stream')).text();
    } else await run?.(api, operation);
    return asked.length;
  };
  const deciding =
    (memo: (input: PolicyInput) => unknown) =>
    (asked: PolicyInput[]): PolicyDefinitions => ({
      p: {
        decide: (input) => {
          asked.push(input);
          return true;
        },
        memo,
      },
    });
  const bySource = ({ source }: PolicyInput) => source;

  test.each<[string, (asked: PolicyInput[]) => PolicyDefinitions, string, number]>([
    ['one object, and an equal one', deciding(bySource), '{ things { a b c } }', 2],
    ['undefined: not remembered', deciding(() => undefined), '{ things { a b c } }', 12],
    [
      'inputs of one tick, in a batch',
      (asked) => ({
        p: {
          batched: async (inputs) => {
            asked.push(...inputs);
            return inputs.map(() => true);
          },
          memo: bySource,
        },
      }),
      '{ things { a b c } }',
      2,
    ],
    ['each event of a subscription anew', deciding(bySource), 'subscription { event { a b } }', 2],
  ])('%s', async (_name, policies, operation, expected) => {
    expect(await count(policies, operation)).toBe(expected);
  });

  test.each(executions)('%s', async (_name, run) => {
    const operation = '{ things { a b c } }';
    // Compiled operations run after the first request, which is not.
    const requests = run === executions[1]?.[1] ? 2 : 1;
    expect(await count(deciding(bySource), operation, run)).toBe(2 * requests);
  });

  test.each<[string, () => unknown]>([
    [
      'a throw',
      () => {
        throw new Error('no key');
      },
    ],
    ['a promise', () => Promise.reject(new Error('no key'))],
  ])('%s denies, and is reported', async (name, memo) => {
    const api = new RulesApi(types, {
      data: { things: things(1) },
      policies: { p: { decide: () => true, memo } },
    });
    const { errors } = await api.execute('{ things { a } }', { viewer });
    expect(errors).toEqual({ 'things.0': 'FORBIDDEN' });
    expect(String(api.logged[0]?.[1])).toContain(name === 'a throw' ? 'no key' : 'a promise');
  });

  test('decisions of one viewer are not used for another one', async () => {
    const seen: AuthenticatedViewer[] = [];
    const api = new RulesApi(types, {
      data: { things: things(1) },
      policies: {
        p: {
          decide: (input) => {
            seen.push(input.viewer);
            return input.viewer.scopes.has('read');
          },
          memo: () => 'same',
        },
      },
    });
    const other = createViewer('none');
    for (const one of [viewer, other]) await api.execute('{ things { plain } }', { viewer: one });
    expect(seen.map(({ scopes }) => [...scopes])).toEqual([['read'], ['none']]);
  });
});
