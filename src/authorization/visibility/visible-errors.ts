import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  isInputType,
  type OperationDefinitionNode,
  specifiedRules,
  typeFromAST,
  type ValidationRule,
  type VariableDefinitionNode,
  validate,
  visit,
} from 'graphql';

/** The rule that takes quadratic time, and the number of fields up to which it runs. */
const quadraticRule = 'OverlappingFieldsCanBeMergedRule';
const maxFields = 200;

/** The default of executors. */
const maxVariableErrors = 50;

/**
 * Finds the errors of an invalid document that the viewer may see: those against the visible part of the
 * schema. If there are none, the errors are about something hidden, and one generic error is returned.
 *
 * Conflicting fields are found only in documents of up to 200 fields, because results are not cached.
 */
export function findVisibleValidationErrors(
  visible: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[] = specifiedRules,
): readonly GraphQLError[] {
  const rulesToRun =
    countFields(document) > maxFields ? rules.filter(({ name }) => name !== quadraticRule) : rules;
  const errors = validate(visible, document, rulesToRun, { hideSuggestions: true });
  return errors.length > 0
    ? errors
    : [new GraphQLError('The document is not valid for the schema.')];
}

/**
 * Finds the errors of invalid variables that the viewer may see. Undefined if the variables are valid: then
 * the errors of the operation are about something else.
 *
 * @param schema The whole schema.
 */
export function findVisibleVariableErrors(
  schema: GraphQLSchema,
  visible: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): readonly GraphQLError[] | undefined {
  const errorsIn = (part: GraphQLSchema, definition: VariableDefinitionNode, maxErrors: number) =>
    getVariableValues(part, [definition], variables, { maxErrors }).errors ?? [];
  const errors: GraphQLError[] = [];
  for (const definition of variableDefinitions) {
    if (errors.length >= maxVariableErrors) break;
    if (errorsIn(schema, definition, 1).length === 0) continue;
    const found = isInputType(typeFromAST(visible, definition.type))
      ? errorsIn(visible, definition, maxVariableErrors - errors.length)
      : [];
    if (found.length > 0) errors.push(...found);
    else errors.push(invalidVariable(definition));
  }
  return errors.length > 0 ? errors : undefined;
}

function invalidVariable(definition: VariableDefinitionNode): GraphQLError {
  const name = definition.variable.name.value;
  return new GraphQLError(`Variable "$${name}" got an invalid value.`, { nodes: definition });
}

function countFields(document: DocumentNode): number {
  let count = 0;
  visit(document, {
    Field: () => {
      count += 1;
    },
  });
  return count;
}
