import { readFileSync } from 'node:fs';
import { type AccessRule, accessRules } from '../authorization/review/access-rules.ts';
import type { RuleConditions } from '../authorization/review/compare-rules.ts';
import { hasCoordinate } from '../authorization/rules/coordinate.ts';
import { CommandError, type ExitCode, UsageError } from './command-error.ts';
import { compareAccess, type KnownAccess } from './compare-access.ts';
import { describeAccess } from './describe-access.ts';
import { defaultSchemaFile, loadGuardedSchema } from './load-schema.ts';
import { readArguments } from './read-arguments.ts';
import type { CommandEdge } from './run-command.ts';

const help = `Prints every coordinate of the schema with its rule, so that a reviewer sees what is open.

  npm run --silent access

  --json           the same as JSON, for keeping
  --check FILE     compare with what was kept: the exit code is 1, and the difference is printed,
                   where rules have become weaker or new coordinates are open; not with --json
  --schema FILE    another schema than schema.graphql
  --help           this text

The exit code is 0 when all is well, 1 when --check finds a difference, and 2 when the command was
called wrongly or a file cannot be used.
`;

const options = {
  json: { type: 'boolean' },
  check: { type: 'string' },
  schema: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Prints who may have what, or checks that nobody may have more than before. */
export async function accessCommand(edge: CommandEdge): Promise<ExitCode> {
  const { values } = readArguments({ args: [...edge.arguments], options });
  if (values.help) {
    edge.print(help);
    return 0;
  }
  if (values.json && values.check !== undefined) {
    throw new UsageError('Choose one: --json or --check.');
  }
  const schema = loadGuardedSchema(values.schema ?? defaultSchemaFile);
  // In alphabetical order, so that two listings can be compared line by line.
  const rules = accessRules(schema).sort(byCoordinate);
  if (values.check !== undefined) {
    const before = readKnownAccess(values.check);
    const difference = compareAccess(rules, before, (name) => hasCoordinate(schema, name));
    if (difference.length === 0) return 0;
    edge.print(`${difference.join('\n')}\n`);
    edge.warn(
      `More is open than ${values.check} says. Where that is meant: npm run --silent access -- --json > ${values.check}\n`,
    );
    return 1;
  }
  edge.print(values.json ? `${JSON.stringify(rules, null, 2)}\n` : formatRules(rules));
  return 0;
}

function byCoordinate(one: AccessRule, other: AccessRule): number {
  if (one.coordinate === other.coordinate) return 0;
  return one.coordinate < other.coordinate ? -1 : 1;
}

/** One line each: the coordinate, and its rule as one `@auth` would say it. */
function formatRules(rules: readonly AccessRule[]): string {
  const width = Math.max(...rules.map(({ coordinate }) => coordinate.length));
  return rules
    .map((rule) => `${rule.coordinate.padEnd(width)}  ${describeAccess(rule)}\n`)
    .join('');
}

function readKnownAccess(file: string): readonly KnownAccess[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const message = `${file} cannot be read as JSON: make it with npm run --silent access -- --json > ${file}`;
    throw new CommandError(message, { cause });
  }
  if (!Array.isArray(content) || !content.every(isKnownAccess)) {
    throw new CommandError(
      `${file} is no list of coordinates and rules: make it again with npm run --silent access -- --json > ${file}`,
    );
  }
  return content;
}

function isKnownAccess(value: unknown): value is KnownAccess {
  return isRuleTerms(value) && 'coordinate' in value && typeof value.coordinate === 'string';
}

function isRuleTerms(value: unknown): value is RuleConditions {
  if (typeof value !== 'object' || value === null) return false;
  if (!('access' in value)) return false;
  if (value.access !== 'public' && value.access !== 'authenticated') return false;
  const lists = ['scope', 'claims', 'policy', 'acr'].map((name) => Reflect.get(value, name));
  const maxAge: unknown = Reflect.get(value, 'maxAge');
  const inner = ['anyOf', 'allOf'].map((name) => Reflect.get(value, name));
  return (
    inner.every((list) => list === undefined || (Array.isArray(list) && list.every(isRuleTerms))) &&
    lists.every(
      (list) =>
        list === undefined ||
        (Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === 'string')),
    ) &&
    (maxAge === undefined || typeof maxAge === 'number')
  );
}
