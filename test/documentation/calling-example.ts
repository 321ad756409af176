import { commandsOf, type DocumentedCommand } from './console-block.ts';
import { blocksOf, sectionOf } from './markdown.ts';

/** The example of one language. */
export interface CallExample {
  /** The program; of curl, the command. */
  readonly code: string;
  /** What to save it as, where it is a file. */
  readonly file: string | undefined;
  /** How to run it, and what that prints. */
  readonly run: DocumentedCommand;
}

export function exampleOf(document: string, language: string): CallExample {
  const blocks = blocksOf(document).filter(({ heading }) => heading === language);
  const [first, last = first] = blocks;
  if (first === undefined || last === undefined || last.language !== 'console') {
    throw new Error(`There is no complete example under "${language}".`);
  }
  // A command may go on in further lines.
  const [run] = commandsOf(last.text.replace(/ \\\n\s*/g, ' '));
  if (run === undefined) throw new Error(`There is no command under "${language}".`);
  const file = /^Save as `([^`]+)`:$/m.exec(sectionOf(document, language))?.[1];
  return { code: first.text, file, run };
}

/** The JSON in the code, with the escapes of a quoted string undone. */
export function bodyIn(code: string): unknown {
  const [json] = /\{"query":.*\}/.exec(code.replaceAll('\\"', '"')) ?? [];
  if (json === undefined) throw new Error('There is no JSON in the code.');
  return JSON.parse(json);
}
