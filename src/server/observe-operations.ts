import type { WebSocketServerOptions } from '../adapters/graphql-ws/web-socket-options.ts';
import type { RequestRecords } from './request-record.ts';

/** What graphql-ws calls for each operation. */
type OperationHooks = Pick<WebSocketServerOptions, 'onSubscribe' | 'onComplete'>;

/** Begins and ends the record of each operation over WebSocket. */
export function observeOperations(
  { onSubscribe, onComplete }: OperationHooks,
  requests: RequestRecords,
): OperationHooks {
  const ends = new WeakMap<object, Map<string, () => void>>();

  function take(context: object, id: string): (() => void) | undefined {
    const end = ends.get(context)?.get(id);
    ends.get(context)?.delete(id);
    return end;
  }

  return {
    async onSubscribe(context, id, payload) {
      const end = requests.beginOperation(payload, context.extra.request);
      const record = requests.of(payload);
      const subscribe = () => onSubscribe?.(context, id, payload);
      const result = await (record && requests.run ? requests.run(record, subscribe) : subscribe());
      if (Array.isArray(result)) {
        end();
        return result;
      }
      const ofContext = ends.get(context) ?? new Map<string, () => void>();
      ends.set(context, ofContext.set(id, end));
      return result;
    },

    async onComplete(context, id, payload) {
      take(context, id)?.();
      await onComplete?.(context, id, payload);
    },
  };
}
