const longest = 80;

/**
 * A value as messages show it: quoted, shortened, without the user and password that a URL may
 * hold, and with everything escaped that could forge a line or hide a character in a terminal.
 */
export function show(value: string): string {
  // All before the last "@" goes: a password may hold any other character that would end a match.
  const credentialsEnd = value.lastIndexOf('@');
  const shown = credentialsEnd > 0 ? `[not shown]${value.slice(credentialsEnd)}` : value;
  const characters = [...shown.slice(0, 2 * longest)];
  const head = characters.slice(0, longest).join('');
  const text = shown.length > head.length ? `${head}…` : head;
  return `"${escapeInvisible(text.replace(/["\\]/g, '\\$&'))}"`;
}

/** The text on one line, with every character visible. */
export function escapeInvisible(text: string): string {
  return text.replace(
    /(?! )[\p{C}\p{Z}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}

/** `a, b or c`. */
export function alternatives(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((part) => part).join(' or ');
}
