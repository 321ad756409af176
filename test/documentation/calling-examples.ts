import { commandsOf, type DocumentedCommand } from './console-block.ts';
import { blocksOf, plain, readDocument, sectionOf, tableRows } from './markdown.ts';

/** The example of one language. */
export interface CallExample {
  /** Its heading, and its name in the table. */
  readonly name: string;
  /** The package of Debian that it needs. */
  readonly debianPackage: string;
  /** The program and the file to save it as; curl has none. */
  readonly program: { readonly file: string; readonly code: string } | undefined;
  /** How to run it, and what that prints. */
  readonly run: DocumentedCommand;
}

export const callingDocument = readDocument('docs/calling.md');

/** The examples of docs/calling.md: one for each row of its table. */
export const callExamples: readonly CallExample[] = tableRows(
  sectionOf(callingDocument, 'Calling the API'),
).map(([name = '', , debianPackage]) => ({
  name,
  debianPackage: plain(debianPackage),
  ...exampleOf(name),
}));

function exampleOf(language: string): Pick<CallExample, 'program' | 'run'> {
  const blocks = blocksOf(callingDocument).filter(({ heading }) => heading === language);
  const [command, ...others] = blocks.toReversed();
  // A command can continue on further lines.
  const [run] = commandsOf(command?.text.replace(/ \\\n\s*/g, ' ') ?? '');
  if (run === undefined) throw new Error(`No command under "${language}".`);
  const file = /^Save as `([^`]+)`:$/m.exec(sectionOf(callingDocument, language))?.[1];
  const code = others[0]?.text;
  return { program: file && code ? { file, code } : undefined, run };
}
