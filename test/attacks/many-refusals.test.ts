import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  buildSchema,
  type DocumentNode,
  type FieldNode,
  Kind,
  OperationTypeNode,
  parse,
} from 'graphql';
import { describe, expect, it, test } from 'vitest';
import {
  anonymous,
  authDirectives,
  createGate,
  findRefusals,
  guardSchema,
  viewerWith,
} from '../../src/index.ts';

describe('refused selections take no more memory the deeper they are', () => {
  const schema = guardSchema(
    buildSchema(`${authDirectives} type Query { a: Query open: String secret: String @auth }`),
  );
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const heap = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed / 1e6;
  };
  const count = 8_000;
  const wide = (levels: number): DocumentNode =>
    parse(
      `{ open ${'a { '.repeat(levels)} ${Array.from({ length: count }, (_, index) => `x${index}: secret`).join(' ')} ${'}'.repeat(levels)} }`,
    );

  test('in what findRefusals returns', () => {
    const megabytes = (document: DocumentNode): number => {
      const before = heap();
      const refusals = findRefusals({ schema, document, viewer: anonymous });
      const kept = heap() - before;
      for (const index of [0, count - 1]) {
        expect(refusals[index]?.path.at(-1)).toBe(`x${index}`);
        expect({ ...refusals[index] }.path).toEqual(refusals[index]?.path);
      }
      return kept;
    };
    expect(megabytes(wide(198)) - megabytes(wide(2))).toBeLessThan(5);
  });

  test('while the gate responds', async () => {
    const megabytes = async (document: DocumentNode): Promise<number> => {
      const before = heap();
      let used = 0;
      const gate = createGate({
        authenticator: { authenticate: async () => anonymous },
        refuse: 'operation',
        onRefusal: () => {
          used ||= heap() - before;
        },
      });
      const contextValue = { viewer: anonymous };
      const refused = await gate.authorize({ schema, document, contextValue });
      const { length, [length - 1]: last } = 'errors' in refused ? refused.errors : [];
      expect(last?.extensions).toEqual({ code: 'UNAUTHENTICATED', refused: count + 1 - length });
      return used;
    };
    expect((await megabytes(wide(198))) - (await megabytes(wide(2)))).toBeLessThan(5);
  });
});

it.each([
  ['@auth', 401],
  ['@auth(scope: "a")', 403],
  ['@auth(maxAge: 60)', 401],
  ['@auth(acr: ["a"])', 401],
])('more refusals than fit on the stack, of %s', async (rule, status) => {
  const schema = guardSchema(
    buildSchema(`${authDirectives} type Query { secret: String ${rule} }`),
  );
  const count = 200_000;
  const name = (value: string) => ({ kind: Kind.NAME, value }) as const;
  const selections = Array.from(
    { length: count },
    (_, index): FieldNode => ({
      kind: Kind.FIELD,
      alias: name(`x${index}`),
      name: name('secret'),
    }),
  );
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: OperationTypeNode.QUERY,
        selectionSet: { kind: Kind.SELECTION_SET, selections },
      },
    ],
  };
  const viewer = rule === '@auth' ? anonymous : viewerWith();
  const gate = createGate({ authenticator: { authenticate: async () => viewer } });
  const refused = await gate.authorize({ schema, document, contextValue: { viewer } });
  expect(refused).toMatchObject({ kind: 'refused', status });
  expect('errors' in refused ? refused.errors.at(-1)?.message : undefined).toBe(
    `${count - 100} more selections were denied.`,
  );
});
