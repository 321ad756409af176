import type { GraphQLError } from 'graphql';
import type { WebSocketServerOptions } from '../adapters/graphql-ws/web-socket-options.ts';
import type { RefusedStep } from '../gate/step-outcome.ts';
import type { RequestRecords } from './request-records.ts';

/** What graphql-ws calls for each operation. */
type OperationHooks = Pick<WebSocketServerOptions, 'onSubscribe' | 'onComplete'>;

/** Begins and ends the record of each operation over WebSocket. */
export function observeOperations(
  { onSubscribe, onComplete }: OperationHooks,
  requests: RequestRecords,
): OperationHooks {
  // By payloads: a client can use an id again while the operation that had it still ends.
  const ends = new WeakMap<object, ReturnType<RequestRecords['beginOperation']>>();

  return {
    async onSubscribe(context, id, payload) {
      const end = requests.beginOperation(payload, context.extra.request);
      const record = requests.of(payload);
      const subscribe = () => onSubscribe?.(context, id, payload);
      const result = await (record && requests.run ? requests.run(record, subscribe) : subscribe());
      if (Array.isArray(result)) end(refusalOf(result));
      else ends.set(payload, end);
      return result;
    },

    async onComplete(context, id, payload) {
      ends.get(payload)?.();
      ends.delete(payload);
      await onComplete?.(context, id, payload);
    },
  };
}

/** The codes of what refuses an operation before it is parsed, and the statuses that they would have. */
const statuses: Readonly<Record<string, number>> = {
  RATE_LIMITED: 429,
  TOO_MANY_STREAMS: 429,
  UNAUTHENTICATED: 401,
  SERVICE_UNAVAILABLE: 503,
};

/** Undefined if the operation is only invalid. */
function refusalOf([error]: readonly GraphQLError[]): RefusedStep | undefined {
  const { code, reason } = error?.extensions ?? {};
  const status = typeof code === 'string' ? statuses[code] : undefined;
  if (typeof code !== 'string' || status === undefined) return undefined;
  return { kind: 'refused', status, code, reason: typeof reason === 'string' ? reason : undefined };
}
