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
import { AuthError } from '../authentication/auth-error.ts';
import { jwsLength, readCompactJws } from '../authentication/token/compact-jws.ts';
import { getOwn } from '../authentication/token/json.ts';
import { createScopeReader } from '../authentication/token/scope-source.ts';
import { anonymous, type Viewer } from '../authentication/viewer.ts';
import { toAccessTerms } from '../authorization/review/access-terms.ts';
import {
  type ExplainedSelection,
  explainOperation,
} from '../authorization/review/explain-operation.ts';
import { formatRule } from '../authorization/review/format-rule.ts';
import { formatRefusal } from '../authorization/rules/refusal.ts';
import { CostDirectiveError } from '../limits/cost-directive-error.ts';
import { type MeasuredRequest, measureOperation } from '../limits/operation-limiter.ts';
import { fragmentsOf } from '../shared/fragments-of.ts';
import { findNestingError } from '../shared/nesting.ts';
import type { JsonObject } from '../shared/type-guards.ts';
import { findVariableNameError } from '../shared/variable-names.ts';
import { viewerWith } from '../testing/viewer-with.ts';
import type { CommandIO } from './command.ts';
import { CommandError, type ExitCode, UsageError } from './command.ts';
import { loadGuardedSchema, schemaOptions, schemaOptionsHelp } from './load-schema.ts';
import { readArguments, readJsonObject, readOperation } from './read-arguments.ts';

const help = ({
  formatCommand,
}: CommandIO): string => `Shows which selections of an operation a viewer can access, which rule decides, and the operation's cost. Runs offline:
tokens are not verified and policies are not evaluated.

  ${formatCommand('explain', `'{ __typename }' --scope "A B"`)}

  --token TOKEN    as the holder of this token; only its scopes are printed
  --scope "A B"    as a client with these scopes
  --anonymous      without a token (default)
  --variables JSON the operation's variables, a JSON object
  --operation-name NAME
                   which operation to explain, if there are several
${schemaOptionsHelp}
  --help           show this help

Exit codes: 0 if everything is allowed, 1 if a selection is refused, 2 if the arguments are invalid
or the operation does not match the schema.
`;

const options = {
  token: { type: 'string' },
  scope: { type: 'string', multiple: true },
  anonymous: { type: 'boolean' },
  variables: { type: 'string' },
  'operation-name': { type: 'string' },
  ...schemaOptions,
  help: { type: 'boolean' },
} as const;

/** Explains one operation for one viewer. */
export async function explainCommand(io: CommandIO): Promise<ExitCode> {
  const { values, positionals } = readArguments({
    args: [...io.arguments],
    options,
    allowPositionals: true,
  });
  if (values.help) {
    io.print(help(io));
    return 0;
  }
  const query = readOperation(positionals);
  const viewer = await readViewer(values, io);
  const schema = await loadGuardedSchema(values, io);
  const document = readDocument(query, schema);
  const operationName = values['operation-name'];
  const operation = getOperationAST(document, operationName);
  const variables = readJsonObject(values.variables);
  if (operation) validateVariables(operation, variables, schema);
  const nestingError = operation && findNestingError(operation, fragmentsOf(document));
  if (nestingError) throw new CommandError(nestingError.message);
  const explanation = operation
    ? explainOperation({ schema, document, operationName, variables, viewer })
    : undefined;
  if (explanation === undefined) {
    throw new CommandError(
      'Cannot tell which operation to explain. Select one with --operation-name.',
    );
  }
  const { selections, scope } = explanation;
  const cost = measureCost({ schema, document, operationName, variables });
  io.print(`${describeViewer(viewer)}\n\n${formatSelections(selections)}\n`);
  io.print(
    scope === undefined
      ? 'The whole operation requires no scope.\n'
      : `The whole operation requires the scope: ${scope}\n`,
  );
  io.print(`Its cost is ${cost}.\n`);
  return selections.every(({ verdict }) => verdict === 'allowed') ? 0 : 1;
}

function measureCost(request: MeasuredRequest): number {
  try {
    return measureOperation(request)?.cost ?? 0;
  } catch (cause) {
    if (cause instanceof CostDirectiveError) throw new CommandError(cause.message, { cause });
    throw cause;
  }
}

async function readViewer(
  {
    token,
    scope,
    anonymous: isAnonymous,
  }: {
    readonly token?: string | undefined;
    readonly scope?: readonly string[] | undefined;
    readonly anonymous?: boolean | undefined;
  },
  io: CommandIO,
): Promise<Viewer> {
  const ways = [token !== undefined, scope !== undefined, isAnonymous === true];
  if (ways.filter(Boolean).length > 1) {
    throw new UsageError('Choose one: --token, --scope or --anonymous.');
  }
  if (scope !== undefined) {
    return viewerWith({ scopes: scope.flatMap((each) => each.split(/\s+/)).filter(Boolean) });
  }
  if (token === undefined) return anonymous;
  const jws = readCompactJws(token, jwsLength.max);
  if (jws.kind !== 'jws') throw new CommandError('--token is not a JWT in compact form.');
  try {
    const scopes = await readScopes(jws.payload, io);
    return viewerWith({ scopes, claims: jws.payload });
  } catch (cause) {
    if (cause instanceof AuthError) throw new CommandError(cause.message, { cause });
    throw cause;
  }
}

/** Reads them where the API does. Without valid settings, where it does by default. */
async function readScopes(claims: JsonObject, io: CommandIO): Promise<ReadonlySet<string>> {
  const settings = await io.loadDiagnosedSettings();
  const { issuers, scopes } = settings.kind === 'valid' ? settings.api.authenticator : {};
  const own = Array.isArray(issuers)
    ? issuers.find(({ issuer }) => issuer === getOwn(claims, 'iss'))
    : undefined;
  return createScopeReader(own?.scopes ?? scopes, () => {})(claims);
}

function readDocument(query: string, schema: GraphQLSchema): DocumentNode {
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'it cannot be parsed';
    throw new CommandError(`Invalid operation: ${reason.replaceAll('\n', ' ')}`, { cause });
  }
  const errors = validate(schema, document);
  if (errors.length > 0) {
    throw new CommandError(errors.map((error) => error.message).join('\n'));
  }
  return document;
}

/** Checks what validation leaves to execution: the root type, and the names and values of variables. */
function validateVariables(
  definition: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> = {},
  schema: GraphQLSchema,
): void {
  const { operation, variableDefinitions = [] } = definition;
  const nameError = findVariableNameError(definition);
  if (nameError !== undefined) throw new CommandError(nameError.message);
  if (!schema.getRootType(operation))
    throw new CommandError(`The schema has no ${operation} type.`);
  for (const { variable, type: node } of variableDefinitions) {
    const name = variable.name.value;
    const type = typeFromAST(schema, node);
    if (!Object.hasOwn(variables, name) || !isInputType(type)) continue;
    coerceInputValue(variables[name], type, (_path, _value, error) => {
      throw new CommandError(`Invalid value for variable $${name}: ${error.message}`);
    });
  }
}

function describeViewer(viewer: Viewer): string {
  if (viewer.kind === 'anonymous') return 'Viewer: anonymous';
  const scopes = [...viewer.scopes].sort();
  return scopes.length === 0
    ? 'Viewer: authenticated, without scopes'
    : `Viewer: authenticated, with the scopes: ${scopes.join(' ')}`;
}

/** One line for each: the verdict, the path, the coordinate, the rule, its origin and what is missing. */
function formatSelections(selections: readonly ExplainedSelection[]): string {
  const rows = selections.map(({ verdict, path, coordinate, access, unmet }) => {
    const rule = toAccessTerms(access);
    const from = [...new Set(rule.from)].join(', ');
    return [
      verdict === 'below a refusal' ? 'not reached' : verdict,
      path.join('.'),
      coordinate,
      `${formatRule(rule)}${from === '' ? '' : `, from ${from}`}`,
      unmet ? formatRefusal(unmet) : '',
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
