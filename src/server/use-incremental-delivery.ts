import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type DirectPlugin, servedDirectly } from '../adapters/node/direct-plugin.ts';
import {
  acceptsStream,
  streamNotAcceptable,
  streamTypes,
} from '../adapters/yoga/content-negotiation.ts';
import { usesIncrementalDelivery } from '../streams/incremental-delivery.ts';
import { isLatePart, type LatePart } from '../streams/map-results.ts';
import { isStream } from '../streams/streams.ts';

/**
 * The definitions of `@defer` and `@stream`. Add them before the schema is guarded: a guarded schema
 * rejects additions.
 */
export const incrementalDirectives = /* GraphQL */ `
  "Allows the fields of the fragment to be delivered later."
  directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT

  "Allows the items of a list to be delivered later, after the first ones."
  directive @stream(if: Boolean! = true, label: String, initialCount: Int = 0) on FIELD
`;

/**
 * Adds incremental delivery (`@defer` and `@stream`). Later parts are executed by the same guarded
 * resolvers as the first part. Their errors are masked like those of the first part, which Yoga does
 * not do.
 */
export function useIncrementalDelivery(
  maskError: (error: unknown) => Error,
): readonly (Plugin & DirectPlugin)[] {
  const deferStream: Plugin = useDeferStream();
  return [
    // What is delivered later is not served directly.
    { ...deferStream, ...servedDirectly },
    {
      ...servedDirectly,

      onExecute({ args, context, setResultAndStopExecution }) {
        // Checked before execution: afterwards a mutation would already have run.
        if (usesIncrementalDelivery(args.document) && !acceptsStream(context, streamTypes)) {
          setResultAndStopExecution(streamNotAcceptable());
          return undefined;
        }
        return {
          onExecuteDone({ result }) {
            if (!isStream(result)) return undefined;
            return {
              onNext({ result: part, setResult }) {
                if (isLatePart(part)) setResult(maskLatePart(part, maskError));
              },
            };
          },
        };
      },
    },
  ];
}

function maskLatePart(
  part: LatePart,
  maskError: (error: unknown) => Error,
): ExecutionResult & { readonly incremental: readonly object[] } {
  const incremental = part.incremental.map((increment) =>
    increment.errors ? { ...increment, errors: increment.errors.map(maskError) } : increment,
  );
  return { ...part, incremental };
}
