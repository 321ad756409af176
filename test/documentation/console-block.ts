/** One command of a console block, and what the document says it prints. */
export interface DocumentedCommand {
  readonly command: string;
  readonly output: string;
}

/** The commands of a block in which `$ ` stands before each. */
export function commandsOf(block: string): readonly DocumentedCommand[] {
  const [before, ...parts] = `\n${block.trimEnd()}`.split('\n$ ');
  if (before !== '') throw new Error(`A console block must begin with a command: ${before}`);
  return parts.map((part) => {
    const [command = '', ...output] = part.split('\n');
    return { command, output: output.join('\n') };
  });
}

/** What is printed, without what differs from one run to the next. */
export function withoutVolatile(text: string): string {
  return text
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'DATE')
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, 'TOKEN');
}

/**
 * What is printed, with JSON that begins it on one line: documents wrap long answers. What follows
 * the JSON is compared as it is.
 */
export function unwrapped(text: string): string {
  const lines = text.split('\n');
  for (let count = lines.length; count > 0; count -= 1) {
    const json = parse(lines.slice(0, count).join('\n'));
    if (json !== undefined) return [JSON.stringify(json), ...lines.slice(count)].join('\n');
  }
  return text;
}

function parse(text: string): object | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
