import { type ExecutionResult, execute, type GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Viewer } from '../authentication/viewer.ts';
import { viewerOf } from '../authorization/execution.ts';
import { splitIntrospection } from '../authorization/split-introspection.ts';
import { visibleSchemas } from '../authorization/visible-schemas.ts';
import { mapFirst } from './map-first.ts';
import { isStream } from './streams.ts';
import type { AuthContext } from './use-auth.ts';

/**
 * Answers introspection (`__schema`, `__type`) from the part of the schema that the viewer could
 * use. What rules ask of types, fields, arguments and values that the viewer may not use is not
 * there to be seen. Goes after `useAuth` in Yoga's plugins.
 */
export function useViewerIntrospection(): Plugin<AuthContext> {
  let schemaFor: ((viewer: Viewer) => GraphQLSchema) | undefined;
  return {
    onSchemaChange({ schema }) {
      schemaFor = visibleSchemas(schema);
    },

    onExecute({ args, executeFn, setExecuteFn }) {
      const { schema, document, operationName } = args;
      const variables = args.variableValues ?? {};
      const split = splitIntrospection({ schema, document, operationName, variables });
      if (split === undefined || schemaFor === undefined) return;
      const visible = schemaFor(viewerOf(args.contextValue));

      setExecuteFn(async (all) => {
        const seen = await execute({
          schema: visible,
          document: split.introspection,
          variableValues: variables,
        });
        if (split.rest === undefined) return seen;
        const rest: ExecutionResult | AsyncIterable<ExecutionResult> = await executeFn({
          ...all,
          document: split.rest,
          operationName: undefined,
        });
        const joined = (result: ExecutionResult) => join(seen, result, split.keys);
        return isStream(rest) ? mapFirst(rest, joined) : joined(rest);
      });
    },
  };
}

function join(
  seen: ExecutionResult,
  rest: ExecutionResult,
  keys: readonly string[],
): ExecutionResult {
  const errors = [...(seen.errors ?? []), ...(rest.errors ?? [])];
  const told = errors.length > 0 ? { errors } : {};
  const { data } = rest;
  if (data == null) return { ...rest, ...told };
  const from = (key: string) => (Object.hasOwn(data, key) ? data[key] : seen.data?.[key]);
  return { ...rest, ...told, data: Object.fromEntries(keys.map((key) => [key, from(key)])) };
}
