import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import {
  coordinatesOf,
  findDefinition,
  openFirst,
} from '../../../src/server/graphiql/browser/access/schema-rules.ts';

const schema = buildSchema(`
  type Query { admin(id: ID, role: Role): User users(filter: Filter): [User] }
  type User { name: String }
  input Filter { secret: String }
  enum Role { ADMIN }
`);

type Rule = Parameters<typeof openFirst>[0][number];
const rule = (coordinate: string, ...viewers: Rule['viewers']): Rule => ({
  coordinate,
  kind: 'field',
  access: 'authenticated',
  rule: '@auth',
  from: [],
  viewers,
});

test('root fields come first, and of these what is open to the most', () => {
  const rules = [
    rule('User.name', 'allowed', 'allowed'),
    rule('Query.admin', 'refused', 'allowed'),
    rule('Query.users', 'allowed', 'allowed'),
    rule('Query.other', 'refused', 'allowed'),
  ];

  expect(openFirst(rules).map(({ coordinate }) => coordinate)).toEqual([
    'Query.users',
    'Query.admin',
    'Query.other',
    'User.name',
  ]);
});

test.each([
  ['Query.admin', ['Query', 'admin']],
  ['Query.admin(id:)', ['Query', 'admin']],
  ['Filter.secret', ['Filter', 'secret']],
  ['Role.ADMIN', ['Role']],
  ['User', ['User']],
  ['User.unknown', ['User']],
  ['Unknown.field', []],
])('the documentation of %s', (coordinate, expected) => {
  expect(findDefinition(schema, coordinate).map(({ name }) => name)).toEqual(expected);
});

test('definitions have their coordinates', () => {
  const coordinates = coordinatesOf(schema);
  const user = schema.getType('User');

  expect(coordinates.get(user)).toBe('User');
  expect(coordinates.get(schema.getQueryType()?.getFields()['admin'])).toBe('Query.admin');
});
