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

/** The rule that takes up to the square of the document's fields, and how many it is asked about. */
const quadraticRule = 'OverlappingFieldsCanBeMergedRule';
const maxFields = 200;

/** As many as executors give. */
const maxVariableErrors = 50;

/**
 * The errors of a document that does not fit the schema, as far as the viewer may learn them: those
 * that it has in the visible part of the schema. Where it has none there, the errors are about what
 * the viewer does not see, and one sentence says no more than that there are some.
 *
 * The errors of fields that cannot be merged are found in documents of up to 200 fields only: this
 * is work that no cache keeps.
 */
export function findVisibleValidationErrors(
  visible: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[] = specifiedRules,
): readonly GraphQLError[] {
  const asked =
    countFields(document) > maxFields ? rules.filter(({ name }) => name !== quadraticRule) : rules;
  const errors = validate(visible, document, asked, { hideSuggestions: true });
  return errors.length > 0 ? errors : [new GraphQLError('The document does not fit the schema.')];
}

/**
 * The errors of variables that do not fit the schema, as far as the viewer may learn them.
 * Undefined where the variables fit: then the errors of the operation are about something else.
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
