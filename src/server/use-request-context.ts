import type { Plugin } from 'graphql-yoga';
import type { AuthContext } from '../adapters/yoga/auth-options.ts';
import type { CreateContext } from './api-definition.ts';

/** Adds what the API's `createContext` returns to the context of each operation. */
export function useRequestContext(createContext: CreateContext): Plugin<AuthContext> {
  return {
    async onContextBuilding({ context, extendContext }) {
      const created = await createContext(context.viewer, context.request);
      // What is already there stays, above all the viewer.
      extendContext({ ...created, ...context });
    },
  };
}
