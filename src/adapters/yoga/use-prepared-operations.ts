import type { Plugin } from 'graphql-yoga';
import { type DirectPlugin, servedDirectly } from '../node/direct-plugin.ts';
import type { PreparedOperations } from '../node/prepared-operations.ts';

/** Keeps the documents that Yoga has parsed and found valid, for the direct listener. */
export function usePreparedOperations(operations: PreparedOperations): Plugin & DirectPlugin {
  return {
    ...servedDirectly,

    onValidate({ params: { documentAST, schema }, context }) {
      const text = documentAST.loc?.source.body;
      // A resolver can have Yoga validate other documents in the context of its own operation.
      if (text === undefined || context.params?.query !== text) return undefined;
      return ({ valid }) => {
        if (valid) operations.add(text, documentAST, schema);
      };
    },
  };
}
