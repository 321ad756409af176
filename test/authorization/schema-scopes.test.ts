import { makeExecutableSchema } from '@graphql-tools/schema';
import { expect, test } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { listScopes } from '../../src/authorization/review/access-rules.ts';

test('finds the scopes of fields, types, arguments, input fields and enum values, each once', () => {
  const schema = guardSchema(
    makeExecutableSchema({
      typeDefs: `${authDirectives}
        type Query { a(x: Int @auth(scope: "of:argument"), y: In): T @auth(scope: ["f g", "h"]) }
        type T @auth(scope: "of:type") { e: E @auth(scope: "g") }
        input In { z: Int @auth(scope: "of:input") }
        enum E { V @auth(scope: "of:value") }
      `,
    }),
  );
  expect(listScopes(schema)).toEqual([
    'f',
    'g',
    'h',
    'of:argument',
    'of:input',
    'of:type',
    'of:value',
  ]);
});
