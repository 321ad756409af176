import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { fragmentsOf } from '../shared/fragments-of.ts';
import { findNestingError } from '../shared/nesting.ts';
import { findVariableNameError } from '../shared/variable-names.ts';

/** A document with its only operation. */
export interface ValidDocument {
  readonly kind: 'valid';
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode & { readonly name: { readonly value: string } };
}

/** A document that cannot be trusted, and why, as the end of a sentence. */
interface InvalidDocument {
  readonly kind: 'invalid';
  readonly problem: string;
}

/** Options for `validateDocument`. */
export interface DocumentValidation {
  /** Rules in addition to those of the specification. Default: none. */
  readonly rules?: readonly ValidationRule[];
  /** Throws for a text that is beyond a limit. Default: there is none. */
  readonly checkText?: (text: string) => void;
  /** Finds limits that the operation exceeds whatever its variables, each a sentence. Default: none. */
  readonly findExceeded?: (schema: GraphQLSchema, document: DocumentNode) => readonly string[];
}

/**
 * Checks that a document is valid for a schema, has exactly one operation, with a name, and is within the
 * limits.
 */
export function validateDocument(
  text: string,
  schema: GraphQLSchema,
  { rules = [], checkText = () => {}, findExceeded = () => [] }: DocumentValidation = {},
): ValidDocument | InvalidDocument {
  let document: DocumentNode;
  try {
    checkText(text);
    document = parse(text);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return invalid(`cannot be parsed: ${error.message}`);
  }
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const [operation, another] = operations;
  if (operation === undefined) return invalid('has no operation');
  if (another !== undefined) return invalid('has several operations: make a document of each');
  if (!hasName(operation)) return invalid('has an operation without a name: give it one');
  const [error] = validate(schema, document, [...specifiedRules, ...rules], { maxErrors: 1 });
  if (error !== undefined) return invalid(`does not match the schema: ${error.message}`);
  const nameError = findVariableNameError(operation);
  if (nameError !== undefined) return invalid(`could never run. ${nameError.message}`);
  const nestingError = findNestingError(operation, fragmentsOf(document));
  const exceeded = nestingError ? [nestingError.message] : findExceeded(schema, document);
  if (exceeded.length > 0) return invalid(`could never run. ${exceeded.join(' ')}`);
  return { kind: 'valid', document, operation };
}

const hasName = (operation: OperationDefinitionNode): operation is ValidDocument['operation'] =>
  operation.name !== undefined;

const invalid = (problem: string): InvalidDocument => ({
  kind: 'invalid',
  problem: problem.replaceAll(/\s+/g, ' ').slice(0, 500).replace(/\.$/, ''),
});
