import { readFileSync, writeFileSync } from 'node:fs';
import { formatRule } from '../authorization/review/format-rule.ts';
import { CommandError, type CommandIO, type ExitCode, UsageError } from './command.ts';
import {
  collectDocuments,
  formatManifest,
  type RuledDocument,
} from './documents/build-manifest.ts';
import { loadGuardedSchema, schemaOptions, schemaOptionsHelp } from './load-schema.ts';
import { readArguments } from './read-arguments.ts';

const defaultFile = 'trusted-documents.json';

const help = ({
  formatCommand,
}: CommandIO): string => `Builds the manifest of trusted documents, which clients run by their hash, and prints what each
document requires.

  ${formatCommand('documents', "'src/**/*.graphql'")}

Reads files of operations and fragments (.graphql, .gql), folders of them, patterns, and manifests
(.json) that GraphQL Code Generator, Relay or Apollo have written for a front end. Definitions of
types are skipped.

  --out FILE       where to write the manifest (default: ${defaultFile})
  --check          write nothing, and exit with 1 if the manifest is not what would be written
${schemaOptionsHelp}
  --help           show this help

Exit codes: 0 on success, 1 if --check finds a difference, 2 if the arguments are invalid, a file
cannot be used, or a document does not match the schema or exceeds a limit of the API.
`;

const options = {
  out: { type: 'string' },
  check: { type: 'boolean' },
  ...schemaOptions,
  help: { type: 'boolean' },
} as const;

/** Builds the manifest of trusted documents, or checks that it is current. */
export async function documentsCommand(io: CommandIO): Promise<ExitCode> {
  const { values, positionals } = readArguments({
    args: [...io.arguments],
    options,
    allowPositionals: true,
  });
  if (values.help) {
    io.print(help(io));
    return 0;
  }
  if (positionals.length === 0) {
    throw new UsageError(
      "Pass files, folders or patterns, such as 'src/**/*.graphql'. Try --help.",
    );
  }
  const schema = await loadGuardedSchema(values, io);
  const documents = collectDocuments(positionals, schema, await io.loadDocumentValidation?.());
  const manifest = formatManifest(documents);
  const file = values.out ?? defaultFile;
  if (values.check) {
    if (readManifestFile(file) === manifest) return 0;
    const words = positionals.map((word) => `'${word}'`).join(' ');
    const out = values.out === undefined ? '' : ` --out ${file}`;
    io.warn(
      `${file} is not current. Build it again: ${io.formatCommand('documents', `${words}${out}`)}\n`,
    );
    return 1;
  }
  try {
    writeFileSync(file, manifest);
  } catch (cause) {
    throw new CommandError(`${file} cannot be written.`, { cause });
  }
  io.print(formatDocuments(documents));
  return 0;
}

function readManifestFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** One line for each: its type, its name and its rule. */
function formatDocuments(documents: readonly RuledDocument[]): string {
  const width = Math.max(...documents.map(({ name }) => name.length));
  return documents
    .map(
      ({ name, type, rule }) =>
        `${type.padEnd('subscription'.length)}  ${name.padEnd(width)}  ${formatRule(rule)}\n`,
    )
    .join('');
}
