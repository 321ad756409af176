import {
  type AccessRule,
  accessRules,
  hasCoordinate,
} from '../authorization/review/access-rules.ts';
import { readBaseline, readDocumentRules } from './access-baseline.ts';
import { compareAccess } from './access-report.ts';
import { formatAccessMarkdown, formatAccessTable } from './access-table.ts';
import {
  loadTestViewers,
  type NamedViewer,
  readNamedViewers,
  type SelectedViewers,
  selectViewers,
} from './access-viewers.ts';
import { type CommandIO, type ExitCode, UsageError } from './command.ts';
import { loadGuardedSchema, schemaOptions, schemaOptionsHelp } from './load-schema.ts';
import { readArguments } from './read-arguments.ts';

const help = ({
  formatCommand,
  localIssuer,
}: CommandIO): string => `Lists every schema coordinate with its access rule and who meets it, so that reviewers can see
what is public.

  ${formatCommand('access')}

  --json           print JSON, to save as a baseline
  --markdown       print a table of Markdown, for a pull request
  --html           print a page of HTML with a table to filter, as one file that requests nothing
  --check FILE     compare with a saved baseline: print what opened and closed, and for whom, and exit
                   with 1 if a rule is weaker or a new coordinate is public
  --documents FILE with --check: also which documents of this manifest opened and closed
  --viewer "NAME=A B"
                   a column for a viewer with these scopes, in place of one for each set of scopes that
                   a rule names${localIssuer ? ' (with --html: in place of the test users)' : ''}; can be repeated
${schemaOptionsHelp}
  --help           show this help

Exit codes: 0 on success, 1 if --check finds wider access, 2 if the arguments are invalid or a file
cannot be used.
`;

const options = {
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  html: { type: 'boolean' },
  check: { type: 'string' },
  documents: { type: 'string' },
  viewer: { type: 'string', multiple: true },
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
  const { json, markdown, html, check } = values;
  if ([json, markdown, html, check].filter((one) => one !== undefined).length > 1) {
    throw new UsageError('Choose one: --json, --markdown, --html or --check.');
  }
  if (values.documents !== undefined && check === undefined) {
    throw new UsageError('--documents requires --check.');
  }
  const named = readNamedViewers(values.viewer);
  if (named !== undefined && (json !== undefined || check !== undefined)) {
    throw new UsageError('--viewer has no effect with --json or --check.');
  }
  const schema = await loadGuardedSchema(values, io);
  const saveCommand = (file: string): string => `${io.formatCommand('access', '--json')} > ${file}`;
  // Sorted, so that two listings can be compared line by line.
  const rules = accessRules(schema).sort(byCoordinate);
  if (check !== undefined) {
    const baseline = readBaseline(check, saveCommand(check));
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
      `Access is wider than ${check} allows. If intended, update it: ${saveCommand(check)}\n`,
    );
    return 1;
  }
  if (json) {
    io.print(`${JSON.stringify(rules, null, 2)}\n`);
  } else if (html) {
    const isOwn = values.schema === undefined && values.module === undefined;
    const shown = named ?? (isOwn ? await loadTestViewers(schema, io) : undefined);
    const { renderAccessPage } = await import('./access-page/access-page.ts');
    io.print(renderAccessPage(rules, shown ? only(shown) : selectViewers(rules, maxPageViewers)));
  } else {
    const viewers = named ? only(named) : selectViewers(rules);
    io.print(markdown ? formatAccessMarkdown(rules, viewers) : formatAccessTable(rules, viewers));
  }
  return 0;
}

/** Columns of the page, which scrolls. */
const maxPageViewers = 40;

const only = (shown: readonly NamedViewer[]): SelectedViewers => ({ shown, hidden: 0 });

function byCoordinate(one: AccessRule, other: AccessRule): number {
  if (one.coordinate === other.coordinate) return 0;
  return one.coordinate < other.coordinate ? -1 : 1;
}
