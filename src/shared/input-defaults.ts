import {
  type GraphQLArgument,
  GraphQLDirective,
  type GraphQLInputField,
  getArgumentValues,
  Kind,
} from 'graphql';

/** An element that can have a default. */
type Input = GraphQLArgument | GraphQLInputField;

/** The default of an argument or input field in the form of graphql 17: a literal or a value, not coerced. */
const givenDefault = (input: Input): unknown => ('default' in input ? input.default : undefined);

/** Whether an argument or input field has a default. */
export const hasDefault = (input: Input): boolean =>
  input.defaultValue !== undefined || givenDefault(input) !== undefined;

/** The part of the configuration of an argument or input field that is its default. */
export const defaultConfig = (input: Input): Pick<Input, 'defaultValue'> => ({
  defaultValue: input.defaultValue,
  ...('default' in input ? { default: input.default } : {}),
});

/**
 * The default of an argument or input field, coerced. Undefined if it has none.
 *
 * @throws {GraphQLError} if it is not valid for the type
 */
export function defaultOf(input: Input): unknown {
  if (givenDefault(input) === undefined) return input.defaultValue;
  // What can coerce it is not in graphql 16. The arguments of a directive are coerced in both.
  const name = 'defaults';
  const owner = new GraphQLDirective({ name, locations: [], args: { [input.name]: input } });
  const node = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: name } } as const;
  return getArgumentValues(owner, node)[input.name];
}
