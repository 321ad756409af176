import { setImmediate as afterTasks } from 'node:timers/promises';
import { normalizedExecutor } from '@graphql-tools/executor';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { CompiledOperations } from '../../src/execution/compiled-operations.ts';
import { countUnhandledRejections } from './outcomes.ts';

const rejections = countUnhandledRejections();

/** What the field of an item does. */
const later = { value: () => afterTasks().then(() => Promise.reject(new Error('later'))) };
const now = {
  value: () => {
    throw new Error('now');
  },
};

const reject = async (): Promise<never> => {
  await afterTasks();
  throw new Error('rejected');
};

/** What a field returns whose type is `[[Item!]!]`, or the type that is named. */
const lists: Record<string, { readonly type?: string; readonly create: () => unknown }> = {
  'after an item whose field rejects later, one throws': {
    create: () => [[later, now]],
  },
  'after a list whose item rejects later, one throws': {
    create: () => [[later], [now]],
  },
  'the items after one that throws are promises': {
    create: () => [[now, reject()]],
  },
  'the lists after one that throws hold promises': {
    create: () => [[now], new Set([reject()]), Promise.resolve([reject()])],
  },
  'its source throws': {
    create: () => [
      (function* () {
        yield later;
        throw new Error('source');
      })(),
    ],
  },
  'an item rejects while an asynchronous source makes the next one': {
    type: '[Item!]',
    create: async function* () {
      yield later;
      for (let turn = 0; turn < 4; turn += 1) await afterTasks();
      yield { value: () => 'fine' };
    },
  },
  'an asynchronous source throws': {
    type: '[Item!]',
    create: async function* () {
      yield later;
      throw new Error('source');
    },
  },
  'an item has a type at once, and another type would have rejected': {
    type: '[Slow]',
    create: () => [{ isQuick: true, value: () => 'fine' }],
  },
};

test.each(Object.entries(lists))(
  'leaves no rejection unhandled in a list: %s',
  async (_, { type = '[[Item!]!]', create }) => {
    const schema = guardSchema(
      makeExecutableSchema({
        typeDefs: `
          type Query { list: ${type} }
          interface Slow { value: String! }
          type Never implements Slow { value: String! }
          type Quick implements Slow { value: String! }
          type Item { value: String! }`,
        resolvers: {
          Query: { list: create },
          Never: { __isTypeOf: reject },
          Quick: { __isTypeOf: ({ isQuick }: { isQuick: boolean }) => isQuick },
        },
        resolverValidationOptions: { requireResolversForResolveType: 'ignore' },
      }),
      { allowNoRules: true },
    );
    const document = parse('{ list { value } }');
    const args = { schema, document, contextValue: {} };
    rejections.reset();
    const result = await new CompiledOperations().execute(document, args);
    expect(await rejections.settle()).toBe(0);
    expect(JSON.stringify(result)).toBe(JSON.stringify(await normalizedExecutor(args)));
    await rejections.settle();
  },
);
