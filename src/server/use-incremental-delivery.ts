import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import { BREAK, type DocumentNode, type ExecutionResult, visit } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import {
  acceptsStream,
  streamNotAcceptable,
  streamTypes,
} from '../adapters/yoga/content-negotiation.ts';
import { isStream } from '../streams/streams.ts';

/**
 * The definitions of `@defer` and `@stream`. They must be in the schema before it is guarded: what
 * is added to a guarded schema is refused.
 */
export const incrementalDirectives = /* GraphQL */ `
  "Lets what the fragment selects come later."
  directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT

  "Lets the items of a list come later, after the first ones."
  directive @stream(if: Boolean! = true, label: String, initialCount: Int = 0) on FIELD
`;

/**
 * Incremental delivery: `@defer` and `@stream`. Late parts are executed by the same guarded
 * resolvers as the first; what is added here is that their errors are masked like those of the
 * first, which Yoga does not do.
 */
export function useIncrementalDelivery(maskError: (error: unknown) => Error): readonly Plugin[] {
  return [
    useDeferStream(),
    {
      onExecute({ args, context, setResultAndStopExecution }) {
        // Afterwards would be too late for a mutation.
        if (mayStream(args.document) && !acceptsStream(context, streamTypes)) {
          setResultAndStopExecution(streamNotAcceptable());
          return undefined;
        }
        return {
          onExecuteDone({ result }) {
            if (!isStream(result)) return undefined;
            return {
              onNext({ result: part, setResult }) {
                if (isLatePart(part)) setResult(maskedPart(part, maskError));
              },
            };
          },
        };
      },
    },
  ];
}

/** Whether any operation of a document says `@defer` or `@stream`. */
function mayStream(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive({ name }) {
      found ||= name.value === 'defer' || name.value === 'stream';
      return found ? BREAK : undefined;
    },
  });
  return found;
}

interface Increment {
  readonly errors?: readonly unknown[];
}

/** A part that comes later, as Yoga sends it. */
interface LatePart extends ExecutionResult {
  readonly incremental: readonly Increment[];
}

function isLatePart(part: ExecutionResult): part is LatePart {
  return 'incremental' in part && Array.isArray(part.incremental);
}

function maskedPart(part: LatePart, maskError: (error: unknown) => Error): LatePart {
  const incremental = part.incremental.map((one) =>
    one.errors ? { ...one, errors: one.errors.map(maskError) } : one,
  );
  return { ...part, incremental };
}
