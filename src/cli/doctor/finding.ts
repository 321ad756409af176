/** What one check found out. Each text is one or more sentences without secrets. */
export type Finding =
  | { readonly verdict: 'ok' | 'note'; readonly text: string }
  | {
      readonly verdict: 'problem';
      readonly text: string;
      /** What to do about it. */
      readonly fix: string;
      /** The anchor of its section in docs/troubleshooting.md. */
      readonly section?: string;
    };

const columns = 80;
const margin = 9;

/** Formats findings for a terminal of 80 columns. Words that are longer, such as URLs, are not cut. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings.map(formatFinding).join('');
}

function formatFinding(finding: Finding): string {
  const lines = wrap(finding.text);
  if (finding.verdict === 'problem') {
    lines.push(...wrap(`Fix: ${finding.fix}`));
    if (finding.section !== undefined) {
      lines.push(`See docs/troubleshooting.md#${finding.section}`);
    }
  }
  return lines
    .map((line, index) => `${(index === 0 ? finding.verdict : '').padEnd(margin)}${line}\n`)
    .join('');
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && margin + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

const longestShown = 200;

/**
 * Shows a value of a token or a response that is not secret: in quotes if it is short printable text,
 * and otherwise only what it is.
 */
export function showValue(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) {
    const [first, ...rest] = value.map(showValue);
    if (first === undefined) return 'an empty list';
    return rest.length > 4 ? `a list of ${value.length}` : [first, ...rest].join(', ');
  }
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return value === null ? 'null' : 'not a text';
  return value.length <= longestShown && /^[\x20-\x7E]*$/.test(value)
    ? `"${value}"`
    : 'a text that is too long or not ASCII';
}
