/**
 * Reads the results of a stream of server-sent events (GraphQL over SSE, distinct connections mode).
 * It ends with the event `complete`, or with the body.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<unknown> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      const events = text.split(/\r?\n\r?\n/);
      text = events.pop() ?? '';
      for (const event of events) {
        const { name, data } = parseEvent(event);
        if (name === 'complete') return;
        // Comments keep the connection open.
        if (data !== '') yield JSON.parse(data);
      }
    }
  } finally {
    await reader.cancel();
  }
}

function parseEvent(event: string): { readonly name: string; readonly data: string } {
  const fields = event.split(/\r?\n/).map((line) => {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    return { name, value };
  });
  const valuesOf = (wanted: string): readonly string[] =>
    fields.filter(({ name }) => name === wanted).map(({ value }) => value);
  return { name: valuesOf('event').at(-1) ?? 'message', data: valuesOf('data').join('\n') };
}
