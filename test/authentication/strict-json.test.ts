import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseStrictJson } from '../../src/authentication/token/json.ts';
import { generatedCases } from '../support/generated-cases.ts';

/** A JSON text with members as they are written, and whether an object in it has a name twice. */
interface WrittenJson {
  readonly text: string;
  readonly hasDuplicate: boolean;
}

const whiteSpace = fc.constantFrom('', '', ' ', '\n\t', '\r\n');

/** What could be taken for the end of a string, a name or a brace. */
const character = fc.constantFrom(...'ab":{}[],\\', '\u00e9', '\ud83d\ude00', '\ud800', '\u0000');

const escapeAll = (value: string) =>
  Array.from(
    { length: value.length },
    (_, index) => `\\u${value.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');

/** A string, and one of the ways to write it. */
const writtenString = fc
  .tuple(fc.string({ unit: character, maxLength: 4 }), fc.boolean())
  .map(([value, isEscaped]) => ({
    value,
    text: isEscaped ? `"${escapeAll(value)}"` : JSON.stringify(value),
  }));

const name = fc.oneof(
  writtenString,
  fc.constantFrom('__proto__', 'constructor', '0', '').map((value) => ({
    value,
    text: JSON.stringify(value),
  })),
);

const { json } = fc.letrec<{ json: WrittenJson }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom('0', '-1.5e3', 'true', 'null').map((text) => ({ text, hasDuplicate: false })),
    writtenString.map(({ text }) => ({ text, hasDuplicate: false })),
    fc.tuple(whiteSpace, fc.array(tie('json'), { maxLength: 3 })).map(([space, items]) => ({
      text: `[${space}${items.map(({ text }) => text).join(`${space},`)}${space}]`,
      hasDuplicate: items.some(({ hasDuplicate }) => hasDuplicate),
    })),
    fc
      .tuple(whiteSpace, fc.array(fc.tuple(name, tie('json')), { maxLength: 3 }))
      .map(([space, members]) => ({
        text: `{${members.map(([key, { text }]) => `${space}${key.text}${space}:${space}${text}${space}`).join(',')}}`,
        hasDuplicate:
          new Set(members.map(([key]) => key.value)).size < members.length ||
          members.some(([, { hasDuplicate }]) => hasDuplicate),
      })),
  ),
}));

const bytesOf = (text: string) => new TextEncoder().encode(text);

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

test('rejects duplicate names, and parses everything else as JSON.parse does', () => {
  fc.assert(
    fc.property(json, ({ text, hasDuplicate }) => {
      const parse = () => parseStrictJson(bytesOf(text));
      if (hasDuplicate) expect(parse).toThrow(SyntaxError);
      else expect(parse()).toEqual(JSON.parse(text));
    }),
    { numRuns: generatedCases(350) },
  );
});

test.each([
  ['a repeated name', '{"a":1,"a":1}'],
  ['a name repeated with escapes', '{"a":1,"\\u0061":1}'],
  ['a name that ends with a backslash, repeated', '{"a\\\\":1,"a\\\\":2}'],
  ['a name that ends with a quote, repeated', '{"a\\"":1,"a\\"":2}'],
  ['a repeated name with members in its values', '{"a":{"b":1,"c":2},"a":{"b":1,"c":2}}'],
  ['a repeated name in an array', '[[{"a":1,"a":2}]]'],
  ['a repeated __proto__', '{"__proto__":1,"__proto__":2}'],
  ['65 levels of arrays', nested(65)],
  ['65 levels of objects', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`],
  ['65 levels of both', `[${'{"a":['.repeat(32)}${']}'.repeat(32)}]`],
  ['65 levels after others', `[${nested(10)},{"a":${nested(63)}}]`],
])('rejects %s', (_, text) => {
  expect(() => parseStrictJson(bytesOf(text))).toThrow(SyntaxError);
});

test.each([
  ['colons in strings', '{"a:":"b\\":","c":[":","\\\\"]}'],
  ['the same name in different objects', '{"a":{"a":[{"a":1},{"a":1}]}}'],
  ['names of Object.prototype', '{"__proto__":{"constructor":1},"constructor":2}'],
  ['a string alone', '"a\\"b\\\\"'],
  ['64 levels', nested(64)],
  ['64 levels, in a text with more brackets', `["[",${nested(63)},[[{}]]]`],
  ['many brackets on few levels', `[${'[{}],'.repeat(1_000)}0]`],
  ['brackets in strings', JSON.stringify(['['.repeat(100), '{'.repeat(100)])],
])('accepts %s', (_, text) => {
  expect(JSON.stringify(parseStrictJson(bytesOf(text)))).toBe(JSON.stringify(JSON.parse(text)));
});

test('parses many backslashes', () => {
  const text = JSON.stringify({ a: '\\"'.repeat(1_000), b: '\\'.repeat(4_000) });
  expect(parseStrictJson(bytesOf(text))).toEqual(JSON.parse(text));
});
