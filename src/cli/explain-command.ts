import {
  coerceInputValue,
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  isInputType,
  type OperationDefinitionNode,
  parse,
  typeFromAST,
  validate,
} from 'graphql';
import { readScopes } from '../authentication/token/claims.ts';
import { readCompactJws } from '../authentication/token/compact-jws.ts';
import { anonymous, type Viewer } from '../authentication/viewer.ts';
import {
  type ExplainedSelection,
  explainOperation,
} from '../authorization/review/explain-operation.ts';
import { formatRefusal } from '../authorization/rules/refusal.ts';
import { viewerWith } from '../testing/viewer-with.ts';
import { CommandError, type ExitCode, UsageError } from './command-error.ts';
import { describeAccess } from './describe-access.ts';
import { defaultSchemaFile, loadGuardedSchema } from './load-schema.ts';
import { readArguments } from './read-arguments.ts';
import { readJsonObject } from './read-json-object.ts';
import { readOperation } from './read-operation.ts';
import type { CommandEdge } from './run-command.ts';

const help = `Says of each selection of an operation whether it may be had, and by which rule. No server runs,
no token is verified and no policy is asked.

  npm run --silent explain -- '{ privateScoped { message } }' --scope read:messages

  --token TOKEN    as whoever this token speaks for; nothing of it is printed but its scopes
  --scope "A B"    as somebody with these scopes
  --anonymous      as nobody; so it is with none of these options
  --variables JSON the operation's variables, a JSON object
  --operation-name NAME
                   which of several operations
  --schema FILE    another schema than schema.graphql
  --help           this text

The exit code is 0 when everything is allowed, 1 when something is refused, and 2 when that cannot be
judged: the command was called wrongly, or the operation does not fit the schema.
`;

const options = {
  token: { type: 'string' },
  scope: { type: 'string', multiple: true },
  anonymous: { type: 'boolean' },
  variables: { type: 'string' },
  'operation-name': { type: 'string' },
  schema: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Explains one operation for one viewer. */
export async function explainCommand(edge: CommandEdge): Promise<ExitCode> {
  const { values, positionals } = readArguments({
    args: [...edge.arguments],
    options,
    allowPositionals: true,
  });
  if (values.help) {
    edge.print(help);
    return 0;
  }
  const query = readOperation(positionals);
  const viewer = readViewer(values);
  const schema = loadGuardedSchema(values.schema ?? defaultSchemaFile);
  const document = readDocument(query, schema);
  const operationName = values['operation-name'];
  const operation = getOperationAST(document, operationName);
  const variables = readJsonObject(values.variables);
  if (operation) assertFits(operation, variables, schema);
  const explanation = operation
    ? explainOperation({ schema, document, operationName, variables, viewer })
    : undefined;
  if (explanation === undefined) {
    throw new CommandError('There is no such operation: name one of them with --operation-name.');
  }
  const { selections, scope } = explanation;
  edge.print(`${describeViewer(viewer)}\n\n${formatSelections(selections)}\n`);
  edge.print(
    scope === undefined
      ? 'The whole operation needs no scope.\n'
      : `The whole operation needs the scope: ${scope}\n`,
  );
  return selections.every(({ verdict }) => verdict === 'allowed') ? 0 : 1;
}

function readViewer({
  token,
  scope,
  anonymous: asNobody,
}: {
  readonly token?: string | undefined;
  readonly scope?: readonly string[] | undefined;
  readonly anonymous?: boolean | undefined;
}): Viewer {
  const ways = [token !== undefined, scope !== undefined, asNobody === true];
  if (ways.filter(Boolean).length > 1) {
    throw new UsageError('Choose one: --token, --scope or --anonymous.');
  }
  if (scope !== undefined) {
    return viewerWith({ scopes: scope.flatMap((each) => each.split(/\s+/)).filter(Boolean) });
  }
  if (token === undefined) return anonymous;
  const jws = readCompactJws(token);
  if (jws.kind !== 'jws') throw new CommandError('--token is not a JWT in compact form.');
  return viewerWith({ scopes: readScopes(jws.payload), claims: jws.payload });
}

function readDocument(query: string, schema: GraphQLSchema): DocumentNode {
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'it cannot be parsed';
    throw new CommandError(`That is no operation: ${reason.replaceAll('\n', ' ')}`, { cause });
  }
  const errors = validate(schema, document);
  if (errors.length > 0) {
    throw new CommandError(errors.map((error) => error.message).join('\n'));
  }
  return document;
}

/** What validation leaves to execution: that the root type is there, and that the variables fit. */
function assertFits(
  { operation, variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> = {},
  schema: GraphQLSchema,
): void {
  if (!schema.getRootType(operation)) throw new CommandError(`The schema has no ${operation}.`);
  for (const { variable, type: node } of variableDefinitions) {
    const name = variable.name.value;
    const type = typeFromAST(schema, node);
    if (!Object.hasOwn(variables, name) || !isInputType(type)) continue;
    coerceInputValue(variables[name], type, (_path, _value, error) => {
      throw new CommandError(`The variable $${name} does not fit: ${error.message}`);
    });
  }
}

function describeViewer(viewer: Viewer): string {
  if (viewer.kind === 'anonymous') return 'As nobody, without a token.';
  const scopes = [...viewer.scopes].sort();
  return scopes.length === 0
    ? 'As somebody with no scopes.'
    : `As somebody with the scopes: ${scopes.join(' ')}`;
}

/** One line each: the verdict, the path, the rule, where it stands, and what is missing. */
function formatSelections(selections: readonly ExplainedSelection[]): string {
  const rows = selections.map(({ verdict, path, coordinate, rule, missing }) => {
    const from = [...new Set(rule.from)].join(', ');
    return [
      verdict === 'below a refusal' ? 'not reached' : verdict,
      path.join('.'),
      coordinate,
      `${describeAccess(rule)}${from === '' ? '' : `, by ${from}`}`,
      missing ? formatRefusal(missing) : '',
    ] as const;
  });
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      `${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
