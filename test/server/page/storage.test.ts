import { expect, test } from 'vitest';
import { createStorage } from '../../../src/server/graphiql/browser/storage.ts';

function createMemory(items = new Map<string, string>()) {
  return createStorage({
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
    clear: () => items.clear(),
    key: (index) => [...items.keys()][index] ?? null,
    get length() {
      return items.size;
    },
  });
}

const operation = { query: '{ public }', variables: '{ "headers": 1 }', operationName: 'A' };
const typed = { ...operation, headers: '{ "Authorization": "Bearer typed" }' };

test.each([
  ['the history', 'graphiql:queries', { queries: [typed] }, { queries: [operation] }],
  ['favorites', 'graphiql:favorites', { favorites: [typed] }, { favorites: [operation] }],
  ['variables', 'graphiql:variables', { headers: 1 }, { headers: 1 }],
])('keeps %s, without headers', (_name, key, value, kept) => {
  const storage = createMemory();
  storage.setItem(key, JSON.stringify(value));
  expect(JSON.parse(storage.getItem(key) ?? '')).toEqual(kept);
});

test.each(['', 'text', 'null', '[]', '{"queries":{}}', '{"queries":[null]}'])(
  'ignores a history that GraphiQL could not read: %s',
  (damaged) => {
    const storage = createMemory(new Map([['graphiql:queries', damaged]]));
    expect(storage.getItem('graphiql:queries')).toBe(null);
  },
);

test('does not keep the Headers tab', () => {
  const storage = createMemory();
  storage.setItem('graphiql:headers', typed.headers);
  expect([storage.getItem('graphiql:headers'), storage.length]).toEqual([null, 0]);
});

test("clears GraphiQL's data only", () => {
  const items = new Map([['other', 'kept']]);
  const storage = createMemory(items);
  storage.setItem('graphiql:theme', 'dark');
  expect(storage.length).toBe(1);
  storage.clear();
  expect([...items.keys()]).toEqual(['other']);
});
