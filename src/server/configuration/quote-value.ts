const maxLength = 80;

/**
 * A value as messages show it: quoted, shortened, without the user name and password that a URL can
 * contain, and with everything escaped that could forge a line or hide a character in a terminal.
 */
export function quoteValue(value: string): string {
  // Cut at the last "@": a password can contain any character that would end a match earlier.
  const credentialsEnd = value.lastIndexOf('@');
  const shown = credentialsEnd > 0 ? `[not shown]${value.slice(credentialsEnd)}` : value;
  const characters = [...shown.slice(0, 2 * maxLength)];
  const head = characters.slice(0, maxLength).join('');
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
