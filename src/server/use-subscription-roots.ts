import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type DirectPlugin, servedDirectly } from '../adapters/node/direct-plugin.ts';

/**
 * Rejects `@skip` and `@include` on the root field of a subscription, as the GraphQL specification
 * does (section 5.2.4.1, Single Root Field): without the field there is no stream. GraphQL.js and
 * Yoga's executor do not validate this and fail instead.
 */
export function useSubscriptionRoots(): Plugin & DirectPlugin {
  return {
    ...servedDirectly,

    onValidate({ validateFn, setValidationFn }) {
      const validate: typeof validateFn = (...args: Parameters<typeof validateFn>) => {
        const errors = findConditionalRoots(args[1]);
        return errors.length > 0 ? errors : validateFn(...args);
      };
      setValidationFn(validate);
    },
  };
}

/** Finds the conditions of root fields of subscriptions. */
export function findConditionalRoots(document: DocumentNode): readonly GraphQLError[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  const errors: GraphQLError[] = [];
  const visited = new Set<string>();
  const visit = (selections: readonly SelectionNode[]): void => {
    for (const selection of selections) {
      const directive = selection.directives?.find(({ name }) =>
        ['skip', 'include'].includes(name.value),
      );
      if (directive) {
        errors.push(
          new GraphQLError(
            `The root field of a subscription cannot have a condition: remove @${directive.name.value}.`,
            { nodes: directive },
          ),
        );
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        visit(selection.selectionSet.selections);
      } else if (selection.kind === Kind.FRAGMENT_SPREAD && !visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        visit(fragments.get(selection.name.value)?.selectionSet.selections ?? []);
      }
    }
  };
  for (const definition of document.definitions) {
    if (
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.operation === OperationTypeNode.SUBSCRIPTION
    ) {
      visit(definition.selectionSet.selections);
    }
  }
  return errors;
}
