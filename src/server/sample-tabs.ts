import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { anonymous } from '../authentication/viewer.ts';
import { explainOperation } from '../authorization/review/explain-operation.ts';
import { derivedOperations } from './derived-operations.ts';
import { testUserViewer, type UserWithScopes } from './test-users.ts';

/** The maximum number of derived tabs. */
const maxDerivedTabs = 12;

/**
 * The operations of GraphiQL's tabs, each below a comment that says who can run it: the samples that
 * are valid for the schema, and one for each root field that no sample selects.
 */
export function sampleTabs(
  schema: GraphQLSchema,
  samples: readonly string[],
  users: readonly UserWithScopes[],
): readonly string[] {
  const written = samples.flatMap((text) => {
    const operation = readSample(schema, text);
    return operation === undefined ? [] : [{ text, operation }];
  });
  const selected = new Set(written.flatMap(({ operation }) => rootFields(operation)));
  const derived = derivedOperations(schema)
    .filter(({ kind, field }) => !selected.has(`${kind} ${field}`))
    .slice(0, maxDerivedTabs)
    .flatMap((operation) => operation.text('lines', 6) ?? []);
  return [...written.map(({ text }) => text), ...derived].map(
    (text, index) =>
      `${index === 0 ? '# Run it: Ctrl+Enter.\n' : ''}${describeAudience(schema, text, users)}${text}`,
  );
}

/** The operation of a sample; undefined unless it is the only one and valid. */
function readSample(schema: GraphQLSchema, text: string): OperationDefinitionNode | undefined {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch {
    return undefined;
  }
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const [operation, ...others] = operations;
  if (operation === undefined || others.length > 0) return undefined;
  // Validation does not report a missing root type.
  const hasRoot = schema.getRootType(operation.operation) != null;
  return hasRoot && validate(schema, document).length === 0 ? operation : undefined;
}

/** The root fields that an operation selects, outside fragments. */
function rootFields({ operation, selectionSet }: OperationDefinitionNode): readonly string[] {
  return selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? [`${operation} ${selection.name.value}`] : [],
  );
}

/** Comments that say who can run an operation, short enough for a narrow editor. */
function describeAudience(
  schema: GraphQLSchema,
  text: string,
  users: readonly UserWithScopes[],
): string {
  const document = parse(text);
  const explained = explainOperation({ schema, document, viewer: anonymous });
  if (explained === undefined) return '';
  const { selections, scope } = explained;
  if (selections.every(({ verdict }) => verdict === 'allowed')) {
    return '# No access token required.\n';
  }
  const allowed = users.filter((user) =>
    explainOperation({ schema, document, viewer: testUserViewer(user, schema) })?.selections.every(
      ({ verdict }) => verdict === 'allowed',
    ),
  );
  const subject = selections.some(({ verdict }) => verdict === 'allowed')
    ? 'In part public; all of it requires'
    : 'Requires';
  const what =
    scope === undefined
      ? 'an access token'
      : `the ${scope.includes(' ') ? 'scopes' : 'scope'} ${scope}`;
  const names = allowed.map(({ name }) => name).join(', ') || 'none';
  return `# ${subject} ${what}.\n${users.length > 0 ? `# Test users: ${names}.\n` : ''}`;
}
