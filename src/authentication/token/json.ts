import type { JsonObject } from '../../shared/type-guards.ts';

/** Reads an own member: what `Object.prototype` has, such as `constructor`, is not a claim. */
export const getOwn = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** Every object and array in a parsed JSON value, itself included. */
export function objectsIn(json: object): readonly object[] {
  // Grows while it is walked. Nesting can be too deep for the call stack.
  const found = [json];
  for (const object of found) {
    const values: readonly unknown[] = Object.values(object);
    for (const value of values) if (typeof value === 'object' && value !== null) found.push(value);
  }
  return found;
}

/**
 * Parses JSON that every parser reads the same way: well-formed UTF-8 without a byte order mark, and
 * no object with duplicate names, at any depth, compared after decoding escapes. (`JSON.parse` keeps
 * the last duplicate, other parsers the first; RFC 8259 §4, RFC 7519 §4.)
 *
 * @throws {SyntaxError | TypeError} if the bytes are anything else
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const value: unknown = JSON.parse(text);
  rejectDuplicateNames(text);
  return value;
}

/**
 * The text is known to be valid JSON, so only strings and braces matter. Open objects are kept in a
 * list instead of on the call stack, which deep nesting could overflow.
 */
function rejectDuplicateNames(text: string): void {
  const openObjects: Set<string>[] = [];
  let index = 0;
  while (index < text.length) {
    const character = text[index];
    if (character === '"') {
      const end = endOfString(text, index);
      if (isFollowedByColon(text, end)) addName(openObjects.at(-1), text.slice(index, end));
      index = end;
      continue;
    }
    if (character === '{') openObjects.push(new Set());
    else if (character === '}') openObjects.pop();
    index += 1;
  }
}

function addName(names: Set<string> | undefined, literal: string): void {
  const name: unknown = JSON.parse(literal);
  if (names === undefined || typeof name !== 'string' || names.has(name)) {
    throw new SyntaxError('An object has duplicate member names.');
  }
  names.add(name);
}

/** The index after the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
}

/** In JSON, only a name is followed by a colon. */
function isFollowedByColon(text: string, end: number): boolean {
  let index = end;
  while (' \t\n\r'.includes(text.charAt(index)) && index < text.length) index += 1;
  return text[index] === ':';
}
