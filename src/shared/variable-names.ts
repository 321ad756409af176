import type { GraphQLError, OperationDefinitionNode } from 'graphql';
import { UntracedGraphQLError } from './untraced-graphql-error.ts';

/** Executors assign the values of variables to an object, by name: this name would replace its prototype. */
const forbidden = '__proto__';

/**
 * Finds an operation that must not run, because its variables could get values that were not sent for
 * them: with graphql before 16.14, they inherit the members of an object that was sent for a variable
 * named `__proto__`, whatever their types.
 *
 * @returns A request error.
 */
export function findVariableNameError({
  variableDefinitions = [],
}: OperationDefinitionNode): GraphQLError | undefined {
  return variableDefinitions.some(({ variable }) => variable.name.value === forbidden)
    ? new UntracedGraphQLError(`A variable cannot be named $${forbidden}: rename it.`, {
        extensions: { code: 'BAD_REQUEST' },
      })
    : undefined;
}
