import { expect, test } from 'vitest';
import {
  differingPaths,
  errorMessages,
  resultLines,
} from '../../../src/server/graphiql/browser/run-as/result-lines.ts';

const linesOf = (body: unknown): readonly string[] =>
  resultLines(body).map(({ depth, name, value }) =>
    ' '.repeat(depth).concat(name, value === undefined ? '' : `: ${value}`),
  );

const refusal = (path: readonly (string | number)[], extensions: object, message = 'No.') => ({
  path,
  message,
  extensions,
});

test.each<[name: string, body: unknown, lines: readonly string[]]>([
  ['values', { data: { a: 1, b: null, c: [], d: {} } }, ['a: 1', 'b: null', 'c: []', 'd: {}']],
  ['fields and items', { data: { a: [{ b: 'x' }] } }, ['a', ' 0', '  b: "x"']],
  [
    'a field that requires a scope',
    {
      data: { a: null, b: null },
      errors: [refusal(['a'], { code: 'FORBIDDEN', scope: 'admin:write' })],
    },
    ['a: null: admin:write', 'b: null'],
  ],
  [
    'an item',
    { data: { a: [null] }, errors: [refusal(['a', 0], { code: 'FORBIDDEN' })] },
    ['a', ' 0: null: not allowed'],
  ],
  [
    'a field that requires a sign-in, whatever else',
    { data: { a: null }, errors: [refusal(['a'], { code: 'UNAUTHENTICATED', scope: 'x' })] },
    ['a: null: sign-in'],
  ],
  [
    'a step-up',
    { data: { a: null }, errors: [refusal(['a'], { code: 'UNAUTHENTICATED', maxAge: 0 })] },
    ['a: null: a stronger sign-in'],
  ],
  [
    'an error of another kind',
    { data: { a: null }, errors: [refusal(['a'], { code: 'OTHER' }, 'Broken.')] },
    ['a: null: Broken.'],
  ],
  [
    'a query that is refused as a whole',
    { errors: [refusal(['a', 'b'], { code: 'FORBIDDEN', scope: 'x' })] },
    ['a.b: refused: x'],
  ],
  ['no object', '<h1>', []],
])('%s', (_name, body, lines) => {
  expect(linesOf(body)).toEqual(lines);
});

test('what differs are values, not refusals', () => {
  const lines = [
    { data: { same: 1, subject: 'a', only: 1, refused: 1 } },
    {
      data: { same: 1, subject: 'b', refused: null },
      errors: [refusal(['refused'], { code: 'FORBIDDEN' })],
    },
  ].map(resultLines);
  expect([...differingPaths(lines)]).toEqual(['subject']);
});

test('the number of lines is bounded', () => {
  const data = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`f${index}`, 1]));
  expect(resultLines({ data })).toHaveLength(1_000);
});

test('each message of an error is listed once', () => {
  const errors = [refusal([], {}, 'A.'), refusal([], {}, 'A.'), refusal([], {}, 'B.')];
  expect(errorMessages({ errors })).toEqual(['A.', 'B.']);
});
