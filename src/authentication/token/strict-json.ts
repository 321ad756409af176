/**
 * Parses JSON that has one meaning only: well-formed UTF-8 without a byte order mark, and no object
 * with two members of one name, at any depth, escapes decoded. (`JSON.parse` keeps the last of two,
 * other parsers the first; RFC 8259 §4, RFC 7519 §4.)
 *
 * @throws {SyntaxError | TypeError} where the text is not so
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const value: unknown = JSON.parse(text);
  refuseDuplicateNames(text);
  return value;
}

/**
 * Walks over text that is known to be JSON, so that only strings and braces matter. The names of
 * the open objects are kept in a list: nesting cannot overflow the stack.
 */
function refuseDuplicateNames(text: string): void {
  const open: Set<string>[] = [];
  let index = 0;
  while (index < text.length) {
    const character = text[index];
    if (character === '"') {
      const end = endOfString(text, index);
      if (isFollowedByColon(text, end)) addName(open.at(-1), text.slice(index, end));
      index = end;
      continue;
    }
    if (character === '{') open.push(new Set());
    else if (character === '}') open.pop();
    index += 1;
  }
}

function addName(names: Set<string> | undefined, literal: string): void {
  const name: unknown = JSON.parse(literal);
  if (names === undefined || typeof name !== 'string' || names.has(name)) {
    throw new SyntaxError('An object has two members of one name.');
  }
  names.add(name);
}

/** The index after the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
}

/** In JSON a colon follows names alone. */
function isFollowedByColon(text: string, end: number): boolean {
  let index = end;
  while (' \t\n\r'.includes(text.charAt(index)) && index < text.length) index += 1;
  return text[index] === ':';
}
