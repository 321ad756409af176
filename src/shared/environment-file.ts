/** The variables of a file of `NAME=value` lines, and what is wrong with its other lines. */
export interface ParsedEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** Such as `line 3 is not NAME=value: …`. They repeat nothing from the file. */
  readonly problems: readonly string[];
}

/**
 * Parses a file of `NAME=value` lines. Empty lines and comments are allowed, and so are `export` before a
 * line and a comment after it. Quotes of any kind contain literal text, and a value ends on its line.
 *
 * Not `parseEnv` of `node:util`: before Node 20.20 it reads comments as values and values as variables,
 * and every version silently drops or cuts what it cannot read.
 */
export function parseEnvironment(text: string): ParsedEnvironment {
  const variables = new Map<string, string>();
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, written] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/s.exec(line) ?? [];
    const report = (problem: string): void => {
      problems.push(`line ${index + 1} ${problem}`);
    };
    if (name === undefined || written === undefined) {
      report('is not NAME=value: fix it, or comment it out with #');
      continue;
    }
    const value = readValue(written, report);
    if (value !== undefined) variables.set(name, value);
  }
  return { variables: Object.fromEntries(variables), problems };
}

function readValue(written: string, report: (problem: string) => void): string | undefined {
  if (/^["'`]/.test(written)) {
    const quoted = /^(["'`])(.*?)\1\s*(?:#.*)?$/s.exec(written)?.[2];
    if (quoted !== undefined && !quoted.includes(written.charAt(0))) return quoted;
    report('has a quote that does not end the value: close it on this line');
    return undefined;
  }
  const value = written.replace(/(?:^|\s)#.*$/s, '').trim();
  if (!value.includes('#')) return value;
  report('has a # in its value, which would start a comment: put the value in quotes');
  return undefined;
}
