import { expect, test } from 'vitest';
import { readEventStream } from '../../../src/server/graphiql/browser/event-stream.ts';

/** The results in a body that arrives in chunks. */
async function resultsOf(chunks: readonly string[]): Promise<readonly unknown[]> {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  const results: unknown[] = [];
  for await (const result of readEventStream(body)) results.push(result);
  return results;
}

test.each<[name: string, chunks: readonly string[], results: readonly unknown[]]>([
  ['one', ['event: next\ndata: {"data":1}\n\n'], [{ data: 1 }]],
  ['two in one chunk', ['data: 1\n\ndata: 2\n\n'], [1, 2]],
  ['one in several chunks', ['data: {"da', 'ta":1', '}\n', '\n'], [{ data: 1 }]],
  ['several lines', ['data: {\ndata: "data":1}\n\n'], [{ data: 1 }]],
  ['no space after the colon', ['data:1\n\n'], [1]],
  ['lines that end with CRLF', ['data: 1\r\n\r\ndata: 2\r\n\r\n'], [1, 2]],
  ['comments, which keep a connection open', [':\n\n', 'data: 1\n\n', ': ping\n\n'], [1]],
  ['the event that ends it', ['data: 1\n\nevent: complete\ndata:\n\ndata: 2\n\n'], [1]],
  ['an end in the middle of an event', ['data: 1\n\ndata: 2'], [1]],
  ['nothing', [], []],
])('reads %s', async (_name, chunks, results) => {
  expect(await resultsOf(chunks)).toEqual(results);
});

test('releases the body when its reader stops', async () => {
  let isCanceled = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\ndata: 2\n\n')),
    cancel: () => {
      isCanceled = true;
    },
  });
  for await (const _ of readEventStream(body)) break;
  expect(isCanceled).toBe(true);
});
