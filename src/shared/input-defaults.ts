import {
  type ConstValueNode,
  type GraphQLArgument,
  type GraphQLArgumentConfig,
  GraphQLDirective,
  type GraphQLInputField,
  type GraphQLInputType,
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
  return givenDefault(input) === undefined ? input.defaultValue : coerceArgument(input);
}

/**
 * The default of a variable, coerced.
 *
 * @throws {GraphQLError} if it is not valid for the type
 */
export function coerceDefault(value: ConstValueNode, type: GraphQLInputType): unknown {
  return coerceArgument({ type }, value);
}

/**
 * Coerces an argument of a directive. What can coerce a value on its own is not in graphql 16, and
 * `valueFromAST` ignores the defaults of input fields with graphql 17.
 */
function coerceArgument(argument: GraphQLArgumentConfig, value?: ConstValueNode): unknown {
  const name = { kind: Kind.NAME, value: 'input' } as const;
  const owner = new GraphQLDirective({
    name: name.value,
    locations: [],
    args: { input: argument },
  });
  const args = value === undefined ? [] : [{ kind: Kind.ARGUMENT, name, value } as const];
  return getArgumentValues(owner, { kind: Kind.DIRECTIVE, name, arguments: args })[name.value];
}
