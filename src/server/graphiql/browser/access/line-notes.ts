import { isGuarded, noteOf, type Selection, type Verdict } from './describe-verdict.ts';

/** What stands at the end of a line of the editor. */
export interface LineNote {
  /** Where the selection starts: lines and columns count from 1. */
  readonly line: number;
  readonly column: number;
  /** The response key, which stands there as long as the note is right. */
  readonly name: string;
  readonly verdict: Verdict;
  readonly text: string;
  /** For the hover, as Markdown. */
  readonly details: string;
}

/** Selections on one line that have a note; the rest are counted. */
const maxPerLine = 3;

/** Of a fragment that is used in several places, the first of these is shown. */
const precedence: readonly Verdict[] = ['refused', 'conditional', 'allowed', 'not reached'];

/** The notes of an operation, by line and column. */
export function lineNotes(selections: readonly Selection[]): readonly LineNote[] {
  const lines = new Map<number, Map<number, Selection>>();
  for (const selection of selections.filter(isGuarded)) {
    for (const { line, column } of selection.locations) {
      const columns = lines.get(line) ?? new Map<number, Selection>();
      lines.set(line, columns);
      const other = columns.get(column);
      if (other === undefined || isBefore(selection, other)) columns.set(column, selection);
    }
  }
  return [...lines].flatMap(([line, columns]) => {
    const sorted = [...columns].sort(([one], [other]) => one - other);
    // What is not reached says nothing new beside what is refused.
    const reached = sorted.filter(([, { verdict }]) => verdict !== 'not reached');
    const shown = reached.length > 0 ? reached : sorted.slice(0, 1);
    const rest = shown.length - maxPerLine;
    return shown.slice(0, maxPerLine).map(([column, selection], index) => {
      const name = selection.path.at(-1) ?? '';
      const text = shown.length > 1 ? `${name} ${noteOf(selection)}` : noteOf(selection);
      return {
        line,
        column,
        name,
        verdict: selection.verdict,
        text: rest > 0 && index === maxPerLine - 1 ? `${text}  +${rest}` : text,
        details: describe(selection),
      };
    });
  });
}

const isBefore = (one: Selection, other: Selection): boolean =>
  precedence.indexOf(one.verdict) < precedence.indexOf(other.verdict);

function describe({ coordinate, message, rule, from = [] }: Selection): string {
  const places = from.map(code).join(', ');
  const required = rule === undefined || rule === 'public' ? '' : `\n\n${code(rule)}`;
  return `${code(coordinate)}: ${escapeMarkdown(message)}${required}${places ? ` from ${places}` : ''}`;
}

const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;
const escapeMarkdown = (text: string): string => text.replace(/[\\`*_{}[\]<>#|]/g, '\\$&');

/**
 * Whether a line still selects what a note is about.
 *
 * @param column Where the selection started, after what has been typed before it.
 */
export function isStillThere(text: string, { name }: LineNote, column: number): boolean {
  const at = column - 1;
  const isWord = (index: number): boolean => /\w/.test(text.charAt(index));
  return text.startsWith(name, at) && !isWord(at - 1) && !isWord(at + name.length);
}
