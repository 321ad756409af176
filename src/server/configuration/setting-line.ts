import { accept, type Parsed, refuse } from './setting-parser.ts';

/**
 * Reads one `NAME=value` line of an environment file: `export` before it and a comment behind it
 * are allowed, quotes of any kind hold text as it stands, and a value ends on its line. By hand,
 * because node:util's parseEnv takes comments for values and values for variables before Node 20.20,
 * and drops or cuts in silence what it cannot read in every version.
 */
export function parseLine(line: string): Parsed<{ readonly name: string; readonly value: string }> {
  const [, name, text] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/s.exec(line) ?? [];
  if (name === undefined || text === undefined) {
    return refuse('is not NAME=value: mend it, or put a # before it');
  }
  if (/^["'`]/.test(text)) {
    const quoted = /^(["'`])(.*?)\1\s*(?:#.*)?$/s.exec(text)?.[2];
    return quoted === undefined || quoted.includes(text.charAt(0))
      ? refuse('has a quote that does not end the value: close it on this line')
      : accept({ name, value: quoted });
  }
  const value = text.replace(/(?:^|\s)#.*$/s, '').trim();
  return value.includes('#')
    ? refuse('has a # in its value, which would begin a comment: put the value in quotes')
    : accept({ name, value });
}
