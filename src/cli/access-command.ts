import { readFileSync } from 'node:fs';
import type { AccessRule } from '../authorization/access-rules.ts';
import { coordinateRules, hasCoordinate } from '../authorization/coordinate-rules.ts';
import { CommandError } from './command-error.ts';
import { compareAccess, type KnownAccess } from './compare-access.ts';
import { describeAccess } from './describe-access.ts';
import { defaultSchemaFile, loadGuardedSchema } from './load-schema.ts';
import { readArguments } from './read-arguments.ts';
import type { CommandEdge } from './run-command.ts';

const help = `Prints every coordinate of the schema with its rule, so that a reviewer sees what is open.

  npm run --silent access

  --json           the same as JSON, for keeping
  --check FILE     compare with what was kept: the exit code is 1, and the difference is printed,
                   where rules have become weaker or new coordinates are open
  --schema FILE    another schema than schema.graphql
  --help           this text
`;

const options = {
  json: { type: 'boolean' },
  check: { type: 'string' },
  schema: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Prints who may have what, or checks that nobody may have more than before. */
export async function accessCommand(edge: CommandEdge): Promise<number> {
  const { values } = readArguments({ args: [...edge.arguments], options });
  if (values.help) {
    edge.print(help);
    return 0;
  }
  const schema = loadGuardedSchema(values.schema ?? defaultSchemaFile);
  const rules = coordinateRules(schema);
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
    throw new CommandError(`${file} is no list of coordinates and rules: make it anew.`);
  }
  return content;
}

function isKnownAccess(value: unknown): value is KnownAccess {
  if (typeof value !== 'object' || value === null) return false;
  if (!('coordinate' in value) || typeof value.coordinate !== 'string') return false;
  if (!('access' in value) || !['public', 'authenticated'].includes(String(value.access))) {
    return false;
  }
  const lists = ['scope', 'claims', 'policy', 'acr'].map((name) => Reflect.get(value, name));
  const maxAge: unknown = Reflect.get(value, 'maxAge');
  return (
    lists.every(
      (list) =>
        list === undefined || (Array.isArray(list) && list.every((one) => typeof one === 'string')),
    ) &&
    (maxAge === undefined || typeof maxAge === 'number')
  );
}
