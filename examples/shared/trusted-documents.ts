import { type DocumentNode, Kind, print } from '@0no-co/graphql.web';
import * as documents from './documents.ts';

// With trusted documents, the hash of an operation is sent in place of its text, and the API can reject
// everything else. `npm run documents` lists the hashes.

/** The text of each operation, by its name. */
export const operationTexts: ReadonlyMap<string, string> = new Map(
  Object.values(documents).flatMap((document) => {
    const [first] = document.definitions;
    const name = first?.kind === Kind.OPERATION_DEFINITION ? first.name?.value : undefined;
    return name === undefined ? [] : [[name, print(document)] as const];
  }),
);

/** `fetch` for the API that sends hashes. It does not matter what a GraphQL client adds to an operation. */
export function sendHashes(send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const { query, ...others } = JSON.parse(String(init?.body));
    const text = operationTexts.get(others.operationName) ?? query;
    const documentId = `sha256:${await sha256(text)}`;
    return send(input, { ...init, body: JSON.stringify({ ...others, documentId }) });
  };
}

/** What a subscription over WebSocket sends: the protocol requires a `query`. */
export async function hashedPayload(document: DocumentNode) {
  const sha256Hash = await sha256(print(document));
  return { query: '', extensions: { persistedQuery: { version: 1, sha256Hash } } };
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
