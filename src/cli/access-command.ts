import {
  type AccessRule,
  accessRules,
  hasCoordinate,
} from '../authorization/review/access-rules.ts';
import { readBaseline, readDocumentRules } from './access-baseline.ts';
import { compareAccess } from './access-report.ts';
import { formatAccessMarkdown, formatAccessTable } from './access-table.ts';
import { type CommandIO, type ExitCode, UsageError } from './command.ts';
import { loadGuardedSchema, schemaOptions, schemaOptionsHelp } from './load-schema.ts';
import { readArguments } from './read-arguments.ts';

const help = ({
  formatCommand,
}: CommandIO): string => `Lists every schema coordinate with its access rule and who meets it, so that reviewers can see
what is public.

  ${formatCommand('access')}

  --json           print JSON, to save as a baseline
  --markdown       print a table of Markdown, for a pull request
  --check FILE     compare with a saved baseline: print what opened and closed, and for whom, and exit
                   with 1 if a rule is weaker or a new coordinate is public; not with --json or
                   --markdown
  --documents FILE with --check: also which documents of this manifest opened and closed
${schemaOptionsHelp}
  --help           show this help

Exit codes: 0 on success, 1 if --check finds wider access, 2 if the arguments are invalid or a file
cannot be used.
`;

const options = {
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  check: { type: 'string' },
  documents: { type: 'string' },
  ...schemaOptions,
  help: { type: 'boolean' },
} as const;

/** Prints the rules of a schema, or checks that access is not wider than a baseline. */
export async function accessCommand(io: CommandIO): Promise<ExitCode> {
  const { values } = readArguments({ args: [...io.arguments], options });
  if (values.help) {
    io.print(help(io));
    return 0;
  }
  if ([values.json, values.markdown, values.check].filter((one) => one !== undefined).length > 1) {
    throw new UsageError('Choose one: --json, --markdown or --check.');
  }
  if (values.documents !== undefined && values.check === undefined) {
    throw new UsageError('--documents requires --check.');
  }
  const schema = await loadGuardedSchema(values, io);
  const saveCommand = (file: string): string => `${io.formatCommand('access', '--json')} > ${file}`;
  // Sorted, so that two listings can be compared line by line.
  const rules = accessRules(schema).sort(byCoordinate);
  if (values.check !== undefined) {
    const baseline = readBaseline(values.check, saveCommand(values.check));
    const documents =
      values.documents === undefined
        ? undefined
        : readDocumentRules(values.documents, schema, io.formatCommand('documents', 'FILES'));
    const { opened, closed } = compareAccess(
      [...rules, ...(documents?.now ?? [])],
      [...baseline, ...(documents?.baseline ?? [])],
      (name) => hasCoordinate(schema, name),
    );
    const lines = [...opened, ...closed, ...(documents?.invalid ?? [])];
    if (lines.length > 0) io.print(`${lines.join('\n')}\n`);
    if (opened.length === 0) return 0;
    io.warn(
      `Access is wider than ${values.check} allows. If intended, update it: ${saveCommand(values.check)}\n`,
    );
    return 1;
  }
  if (values.json) io.print(`${JSON.stringify(rules, null, 2)}\n`);
  else io.print(values.markdown ? formatAccessMarkdown(rules) : formatAccessTable(rules));
  return 0;
}

function byCoordinate(one: AccessRule, other: AccessRule): number {
  if (one.coordinate === other.coordinate) return 0;
  return one.coordinate < other.coordinate ? -1 : 1;
}
