import type { AccessRule } from '../authorization/review/access-rules.ts';
import { formatRule } from '../authorization/review/format-rule.ts';
import {
  accessOf,
  describeViewer,
  type ViewerAccess,
} from '../authorization/review/viewer-access.ts';
import type { NamedViewer, SelectedViewers } from './access-viewers.ts';

const width = 80;

const marks: Readonly<Record<ViewerAccess, string>> = {
  allowed: '✓',
  conditional: '?',
  refused: '-',
};

/**
 * A table of coordinates and viewers that fits a terminal of 80 columns: a letter for each viewer, and
 * the rule beside or below its row.
 */
export function formatAccessTable(
  rules: readonly AccessRule[],
  { shown, hidden }: SelectedViewers,
): string {
  const marksWidth = shown.length * 2;
  const longest = Math.max(0, ...rules.map(({ coordinate }) => coordinate.length));
  const nameWidth = Math.min(longest, width - marksWidth - 2);
  const letters = shown.map((_, index) => letterOf(index));
  const row = (name: string, cells: readonly string[]): string =>
    name.length > nameWidth
      ? `${name}\n${' '.repeat(nameWidth)}  ${cells.join(' ')}`
      : `${name.padEnd(nameWidth)}  ${cells.join(' ')}`;

  const rows = rules.flatMap((rule) => {
    const line = row(
      rule.coordinate,
      shown.map(({ viewer }) => marks[accessOf(rule, viewer)]),
    );
    const text = formatRule(rule);
    const last = line.split('\n').at(-1) ?? '';
    return last.length + 2 + text.length <= width
      ? [`${line}  ${text}`]
      : [line, ...wrap(text, width - 4).map((part) => `    ${part}`)];
  });
  return `${[
    ...shown.flatMap(({ name }, index) => wrap(`${letterOf(index)}  ${name}`, width)),
    ...(hidden > 0 ? [`${hidden} more sets of scopes are not shown.`] : []),
    '',
    row('', letters),
    ...rows,
    '',
    `${marks.allowed} allowed   ${marks.refused} refused   ${marks.conditional} decided by its policy, claims or authentication`,
  ].join('\n')}\n`;
}

/** The same table as Markdown, for a pull request. */
export function formatAccessMarkdown(
  rules: readonly AccessRule[],
  { shown, hidden }: SelectedViewers,
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return `${[
    line(['Coordinate', ...shown.map(columnName), 'Rule']),
    `|---|${':-:|'.repeat(shown.length)}---|`,
    ...rules.map((rule) =>
      line([
        code(rule.coordinate),
        ...shown.map(({ viewer }) => marks[accessOf(rule, viewer)]),
        rule.access === 'public' ? 'public' : code(formatRule(rule)),
      ]),
    ),
    '',
    `${marks.allowed} allowed, ${marks.refused} refused, ${marks.conditional} decided by its policy, claims or authentication.`,
    ...(hidden > 0 ? [`${hidden} more sets of scopes are not shown.`] : []),
  ].join('\n')}\n`;
}

/** Names that are not our own words are code: they can contain anything. */
function columnName({ name, viewer }: NamedViewer): string {
  const isWords = viewer.kind === 'anonymous' || viewer.scopes.size === 0;
  return isWords && name === describeViewer(viewer) ? name : code(name);
}

const letterOf = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);

/** Code in a cell of a Markdown table. A name cannot contain a backtick or a bar; a scope could. */
function code(text: string): string {
  const escaped = text.replaceAll('|', '\\|');
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${escaped}${fence}` : `${fence} ${escaped} ${fence}`;
}

/** Breaks a text at spaces, and where it has none. */
function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > columns) {
    const space = rest.lastIndexOf(' ', columns);
    const end = space > 0 ? space : columns;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
