import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('graphql-17/', import.meta.url));
const node = fileURLToPath(new URL('runtimes/node_modules/node-24/bin/node', import.meta.url));

/** Runs an ES module that has `guard(sdl)` and `run(schema, query)`, and prints a value. */
async function evaluate(expression: string): Promise<string> {
  const source = `import { buildSchema, execute, parse, printSchema } from 'graphql';
import { anonymous, authDirectives, createGate, guardSchema } from 'graphql-resource-server';
import { createSchemaFilter } from './node_modules/graphql-resource-server/dist/authorization/visibility/filter-schema.js';

const guard = (sdl, directives = authDirectives) => guardSchema(buildSchema(directives + sdl));
async function run(schema, query) {
  const gate = createGate({ authenticator: { authenticate: async () => anonymous } });
  const contextValue = { viewer: anonymous };
  const { args } = await gate.authorize({ schema, document: parse(query), contextValue, rootValue: { a: 1 } });
  return JSON.stringify(await execute(args));
}
try {
  console.log(await ${expression});
} catch (error) {
  console.log(error.message);
}`;
  const options = ['--input-type=module', '--eval', source];
  const { stdout } = await promisify(execFile)(node, options, { cwd: folder });
  return stdout;
}

const definitions = 'type Query { a: Int @auth(scope: "x") }';

it.each([
  [
    'a scope that is an enum value',
    `guard('type Query { a: Int @auth(scope: READ) }')`,
    /scope must/,
  ],
  ['a list with one', `guard('type Query { a: Int @auth(scope: ["a", READ]) }')`, /scope must/],
  [
    'a maximum age that is a float',
    `guard('type Query { a: Int @auth(maxAge: 1.0) }')`,
    /maxAge must/,
  ],
  [
    'a maximum age that is too large',
    `guard('type Query { a: Int @auth(maxAge: 2147483648) }')`,
    /maxAge must/,
  ],
  [
    'a definition with a default',
    `guard('${definitions}', authDirectives.replace('scope: [String!]', 'scope: [String!] = ["a"]'))`,
    /its definition differs/,
  ],
])('rejects %s', async (_, expression, message) => {
  expect(await evaluate(expression)).toMatch(message);
});

it('keeps the defaults of a filtered schema, except where something of their type is hidden', async () => {
  const sdl = `
    enum Open { ONE TWO }
    enum Hidden { ONE TWO @auth }
    input Filter { first: Int = 5, name: String = "x" }
    type Query {
      a(open: Open = TWO, hidden: Hidden! = ONE, filter: Filter! = { name: "y" }, id: ID = "1"): Int
      b: Int @auth
    }`;
  const printed = await evaluate(`printSchema(createSchemaFilter(guard(\`${sdl}\`))(anonymous))`);

  expect(printed).toContain('first: Int = 5\n  name: String = "x"');
  expect(printed).toContain(
    'a(open: Open = TWO, hidden: Hidden, filter: Filter! = { name: "y" }, id: ID = "1"): Int',
  );
});

it('does not require what the defaults of a variable contain', async () => {
  const sdl = `
    input Inner { deep: Int = 1 }
    input Filter { first: Int = 5 @auth, inner: Inner = {} }
    type Query { a(filter: Filter): Int }`;
  const query = 'query ($filter: Filter = {}) { a(filter: $filter) }';

  expect(await evaluate(`run(guard(\`${sdl}\`), '${query}')`)).toBe('{"data":{"a":1}}\n');
});
