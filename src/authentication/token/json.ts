import type { JsonObject } from '../../shared/type-guards.ts';

/** Reads an own member: what `Object.prototype` has, such as `constructor`, is not a claim. */
export const getOwn = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** Every object and array in a parsed JSON value, itself included. */
export function objectsIn(json: object): readonly object[] {
  // Grows while it is walked.
  const found = [json];
  for (const object of found) {
    const values: readonly unknown[] = Object.values(object);
    for (const value of values) if (typeof value === 'object' && value !== null) found.push(value);
  }
  return found;
}

/** Stateless, because it never decodes a part of a text. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The most levels of objects and arrays. What issuers and clients send has a few. */
const maxLevels = 64;

/**
 * Parses JSON that every parser reads the same way: well-formed UTF-8 without a byte order mark, at most
 * 64 levels of objects and arrays, and no object with duplicate names, at any depth, compared after
 * decoding escapes. (`JSON.parse` keeps the last duplicate, other parsers the first; RFC 8259 §4, RFC 7519
 * §4.)
 *
 * @throws {SyntaxError | TypeError} if the bytes are anything else
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = utf8.decode(bytes);
  const value: unknown = JSON.parse(text);
  // Before `JSON.stringify`, which at each level looks through those above it for a cycle. The brackets are
  // counted because that takes far less time than walking what most texts contain.
  if (hasManyBrackets(text) && isDeeper(value, maxLevels)) {
    throw new SyntaxError(`The nesting exceeds ${maxLevels} levels.`);
  }
  // Of duplicates, `JSON.parse` has dropped all but one, with all that is in them. Most texts are as
  // `JSON.stringify` writes them, which never writes one, and are seen to have none without counting.
  if (JSON.stringify(value) !== text && countNames(text) !== countMembers(value)) {
    throw new SyntaxError('An object has duplicate member names.');
  }
  return value;
}

/** Whether a text could exceed the levels. Brackets in strings count as well. */
function hasManyBrackets(text: string): boolean {
  let count = 0;
  for (const bracket of ['[', '{']) {
    let index = text.indexOf(bracket);
    while (index !== -1) {
      count += 1;
      if (count > maxLevels) return true;
      index = text.indexOf(bracket, index + 1);
    }
  }
  return false;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  for (const object of objectsIn(value)) {
    if (!Array.isArray(object)) count += Object.keys(object).length;
  }
  return count;
}

/** The text is known to be valid JSON, in which a string is a name if a colon follows it. */
function countNames(text: string): number {
  let count = 0;
  let start = text.indexOf('"');
  while (start !== -1) {
    const end = endOfString(text, start);
    if (isFollowedByColon(text, end)) count += 1;
    start = text.indexOf('"', end);
  }
  return count;
}

/** The index after the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
}

/** Whether an odd number of backslashes precedes a character of a string. */
function isEscaped(text: string, index: number): boolean {
  let first = index;
  while (text[first - 1] === '\\') first -= 1;
  return (index - first) % 2 === 1;
}

function isFollowedByColon(text: string, end: number): boolean {
  let index = end;
  while (' \t\n\r'.includes(text.charAt(index)) && index < text.length) index += 1;
  return text[index] === ':';
}
