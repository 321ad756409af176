import { readFileSync } from 'node:fs';
import {
  type AccessRule,
  accessRules,
  hasCoordinate,
} from '../authorization/review/access-rules.ts';
import type { RuleConditions } from '../authorization/review/compare-rules.ts';
import { type AccessBaseline, compareAccess } from './access-report.ts';
import { formatAccessMarkdown, formatAccessTable } from './access-table.ts';
import { CommandError, type CommandIO, type ExitCode, UsageError } from './command.ts';
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
${schemaOptionsHelp}
  --help           show this help

Exit codes: 0 on success, 1 if --check finds wider access, 2 if the arguments are invalid or a file
cannot be used.
`;

const options = {
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  check: { type: 'string' },
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
  const schema = await loadGuardedSchema(values, io);
  const saveCommand = (file: string): string => `${io.formatCommand('access', '--json')} > ${file}`;
  // Sorted, so that two listings can be compared line by line.
  const rules = accessRules(schema).sort(byCoordinate);
  if (values.check !== undefined) {
    const baseline = readBaseline(values.check, saveCommand(values.check));
    const { opened, closed } = compareAccess(rules, baseline, (name) =>
      hasCoordinate(schema, name),
    );
    const lines = [...opened, ...closed];
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

function readBaseline(file: string, saveCommand: string): AccessBaseline {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const message = `${file} cannot be read as JSON. Create it: ${saveCommand}`;
    throw new CommandError(message, { cause });
  }
  if (!Array.isArray(content) || !content.every(isBaselineEntry)) {
    throw new CommandError(`${file} is not an access baseline. Regenerate it: ${saveCommand}`);
  }
  return content;
}

function isBaselineEntry(value: unknown): value is AccessBaseline[number] {
  return isRuleConditions(value) && 'coordinate' in value && typeof value.coordinate === 'string';
}

function isRuleConditions(value: unknown): value is RuleConditions {
  if (typeof value !== 'object' || value === null) return false;
  if (!('access' in value)) return false;
  if (value.access !== 'public' && value.access !== 'authenticated') return false;
  const lists = ['scope', 'claims', 'policy', 'acr'].map((name) => Reflect.get(value, name));
  const maxAge: unknown = Reflect.get(value, 'maxAge');
  const inner = ['anyOf', 'allOf'].map((name) => Reflect.get(value, name));
  return (
    inner.every(
      (list) => list === undefined || (Array.isArray(list) && list.every(isRuleConditions)),
    ) &&
    lists.every(
      (list) =>
        list === undefined ||
        (Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === 'string')),
    ) &&
    (maxAge === undefined || typeof maxAge === 'number')
  );
}
