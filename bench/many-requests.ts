import type { LoadOrder } from './load.ts';
import { encodeRequest, type Target } from './target.ts';

/** The requests of a round with different documents or tokens, and the response to each. */
export type Exchanges = Pick<LoadOrder, 'requests' | 'expected'>;

/** Executes documents, each with its token. Every response must be as `createDocument` says. */
export function createExchanges(
  { server: { port }, expected }: Target,
  all: readonly { readonly token: string; readonly document: number }[],
): Exchanges {
  const message: unknown = JSON.parse(expected.body.toString()).data.guarded.message;
  const documents = all.map(({ document }) => createDocument(document, message));
  return {
    requests: all.map(({ token }, index) =>
      encodeRequest(port, documents[index]?.query ?? '', { Authorization: `Bearer ${token}` }),
    ),
    expected: {
      status: 200,
      bodies: documents.map(({ data }) => Buffer.from(JSON.stringify({ data }))),
    },
  };
}

/** One of any number of documents, which select one to eight fields by other names each. */
export function createDocument(index: number, message: unknown): { query: string; data: object } {
  const names = Array.from({ length: 1 + (index % 8) }, (_, place) => `field${place}of${index}`);
  const select = (name: string, place: number): string =>
    `${name}: ${place % 2 === 0 ? 'guarded' : 'open'} { message again${index}: message }`;
  return {
    query: `query Operation${index} { ${names.map(select).join(' ')} }`,
    data: Object.fromEntries(names.map((name) => [name, { message, [`again${index}`]: message }])),
  };
}

/** Types that refer to each other, with guarded fields, for a schema that has a type `Query`. */
export function createTypes(count: number): string {
  const types = Array.from(
    { length: count },
    (_, index) => `type Type${index} {
  id: Int @auth(scope: "read:messages")
  name: String
  next: Type${(index + 1) % count}
}
`,
  );
  return `\nextend type Query {\n  types: Type0\n}\n\n${types.join('\n')}`;
}
