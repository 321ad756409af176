import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  Source,
  type SourceLocation,
  specifiedRules,
  validate,
} from 'graphql';
import type { Viewer } from '../../../authentication/viewer.ts';
import { findIntrospection } from '../../../authorization/visibility/introspection.ts';
import { findVisibleValidationErrors } from '../../../authorization/visibility/visible-errors.ts';
import { formatErrors } from '../../../gate/format-result.ts';
import { fragmentsOf } from '../../../shared/fragments-of.ts';
import { findNestingError } from '../../../shared/nesting.ts';
import { findVariableNameError } from '../../../shared/variable-names.ts';
import { checkDocument, documentLimits } from '../../use-document-limits.ts';
import { findConditionalRoots } from '../../use-subscription-roots.ts';

/** Why the API would not run an operation, whatever the rules say. */
export interface OperationProblem {
  readonly kind: 'syntax' | 'validation' | 'operation' | 'variables' | 'limit';
  readonly message: string;
  readonly locations?: readonly SourceLocation[];
}

/** A document with the operation that would run, or why there is none. */
export type ReadDocument =
  | {
      readonly kind: 'valid';
      readonly document: DocumentNode;
      readonly operation: OperationDefinitionNode;
    }
  | { readonly kind: 'invalid'; readonly problem: OperationProblem };

/** What a document is read for. */
export interface DocumentCircumstances {
  readonly schema: GraphQLSchema;
  readonly introspection: 'on' | 'viewer' | 'off';
  /** The part of the schema that is shown to a viewer. */
  readonly visibleTo: (viewer: Viewer) => GraphQLSchema;
}

/** Parses and validates a document as the API does, within its limits of documents. */
export function readDocument(
  text: string,
  operationName: string | undefined,
  viewer: Viewer,
  { schema, introspection, visibleTo }: DocumentCircumstances,
): ReadDocument {
  let document: DocumentNode;
  try {
    const source = new Source(text);
    checkDocument(source, documentLimits);
    document = parse(source);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const isLimit = error.extensions['code'] === 'GRAPHQL_PARSE_FAILED';
    return invalid(isLimit ? 'limit' : 'syntax', error);
  }
  const conditional = findConditionalRoots(document);
  const errors =
    conditional.length > 0
      ? conditional
      : validate(schema, document, introspection === 'off' ? withoutIntrospection : specifiedRules);
  if (errors.length > 0) {
    const shown =
      introspection === 'viewer' && conditional.length === 0
        ? findVisibleValidationErrors(visibleTo(viewer), document)
        : errors;
    return invalid('validation', shown[0]);
  }
  const operation = getOperationAST(document, operationName);
  if (!operation || !schema.getRootType(operation.operation)) {
    return { kind: 'invalid', problem: { kind: 'operation', message: noOperation } };
  }
  const nameError = findVariableNameError(operation);
  if (nameError !== undefined) return invalid('variables', nameError);
  const nestingError = findNestingError(operation, fragmentsOf(document));
  if (nestingError !== undefined) return invalid('limit', nestingError);
  if (introspection === 'viewer') {
    const found = findIntrospection(document, operation, schema.getQueryType()?.name ?? '');
    if (found.kind === 'nested') {
      return { kind: 'invalid', problem: { kind: 'validation', message: nestedIntrospection } };
    }
  }
  return { kind: 'valid', document, operation };
}

/** What is wrong with the variables of an operation, in words that name nothing of the schema. */
export function findVariableProblem(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): OperationProblem | undefined {
  const wrong = variableDefinitions.find(
    (definition) =>
      getVariableValues(schema, [definition], variables, { maxErrors: 1 }).errors !== undefined,
  );
  if (wrong === undefined) return undefined;
  const error = new GraphQLError(
    `The variable $${wrong.variable.name.value} is missing or has an invalid value.`,
    { nodes: wrong },
  );
  return toProblem('variables', error);
}

const withoutIntrospection = [...specifiedRules, NoSchemaIntrospectionCustomRule];
const noOperation = 'The document does not say which operation to run.';
const nestedIntrospection = 'Introspection is only available at the root of a query.';

const invalid = (
  kind: OperationProblem['kind'],
  error: GraphQLError | undefined,
): ReadDocument => ({ kind: 'invalid', problem: toProblem(kind, error) });

function toProblem(
  kind: OperationProblem['kind'],
  error: GraphQLError | undefined,
): OperationProblem {
  const [formatted] = formatErrors(error ? [error] : [], false);
  const { message = 'The document is not valid.', locations } = formatted ?? {};
  return { kind, message, ...(locations ? { locations } : {}) };
}
