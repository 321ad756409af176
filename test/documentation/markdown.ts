import { readFileSync } from 'node:fs';

/** A fenced code block. */
export interface Block {
  readonly language: string;
  /** Without the fences and their indentation. */
  readonly text: string;
  /** The nearest heading above. */
  readonly heading: string;
}

/** The root of the project. */
export const root = new URL('../../', import.meta.url);

export const readDocument = (name: string): string => readFileSync(new URL(name, root), 'utf8');

/** The code blocks of a document, in its order. */
export function blocksOf(document: string): readonly Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: { language: string; indentation: string; lines: string[] } | undefined;
  for (const line of document.split('\n')) {
    const fence = /^( *)```(\w*)$/.exec(line);
    if (open && fence) {
      blocks.push({ language: open.language, text: `${open.lines.join('\n')}\n`, heading });
      open = undefined;
    } else if (open) {
      open.lines.push(line.replace(open.indentation, ''));
    } else if (fence) {
      open = { language: fence[2] ?? '', indentation: fence[1] ?? '', lines: [] };
    } else {
      heading = /^#+ (.+)$/.exec(line)?.[1] ?? heading;
    }
  }
  return blocks;
}

/** A document without its code blocks. */
export const proseOf = (document: string): string =>
  document.replace(/^( *)```\w*\n[\s\S]*?^\1```$/gm, '');

/** What stands under a heading, up to the next heading of any level. */
export function sectionOf(document: string, heading: string): string {
  const [, after] = proseOf(document).split(new RegExp(`^#+ ${heading}$`, 'm'));
  if (after === undefined) throw new Error(`There is no heading "${heading}".`);
  return after.split(/^#+ /m)[0] ?? '';
}

/** The rows of every table in a text, their cells trimmed, without the head and the line below it. */
export function tableRows(text: string): readonly (readonly string[])[] {
  return text
    .split(/\n(?!\|)/)
    .map((part) => part.split('\n').filter((line) => line.startsWith('|')))
    .flatMap((lines) => lines.slice(2))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** The text of a cell without its code marks and the targets of its links. */
export const plain = (cell: string | undefined): string =>
  (cell ?? '').replaceAll('`', '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
