import { print } from '@0no-co/graphql.web';
import type { TadaDocumentNode } from 'gql.tada';
import { createClient, type SubscribePayload } from 'graphql-ws';
import { type ApiResponse, type GraphqlError, hasCode } from './result.ts';
import { auth } from './session.ts';
import { settings } from './settings.ts';
import { hashedPayload } from './trusted-documents.ts';

interface LiveOptions<Data> {
  /** Gets each event. */
  readonly onEvent: (event: ApiResponse<Data>) => void;
  /** Called with true when connected, where events may have been missed before, and with false when not. */
  readonly onConnection: (isConnected: boolean) => void;
}

/** The API closes a connection with this code if its token has expired or is invalid. */
const credentialsRejected = 4403;

const smallRequest = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ query: '{ __typename }' }),
};

// After a connection that lasted, connect again at once: its token has expired, most likely.
const lastingMs = 10_000;
const longestWaitMs = 30_000;

/**
 * Subscribes over WebSocket. A subscription ends with its token: the token is renewed, and the
 * subscription starts again. So it does when the token is renewed early, and when the connection is
 * lost, but not if it is not allowed.
 *
 * @returns A function that ends it.
 */
export function subscribe<Data extends Record<string, unknown>>(
  document: TadaDocumentNode<Data, Record<string, never>>,
  { onEvent, onConnection }: LiveOptions<Data>,
): () => void {
  let isStopped = false;
  let payload: SubscribePayload = { query: print(document) };
  let headers: Readonly<Record<string, string>> = {};
  /** The token of the subscription that runs. */
  let token: string | undefined;
  let rejected: string | undefined;
  let needsNonce = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const client = createClient({
    url: settings.endpoint.replace(/^http/, 'ws'),
    connectionParams: () => headers,
    // startAgain does it: it also handles subscriptions that the API completes.
    retryAttempts: 0,
    on: {
      connected: () => onConnection(true),
      closed(event) {
        onConnection(false);
        if (!(event instanceof CloseEvent) || event.code !== credentialsRejected) return;
        if (event.reason.startsWith('nonce_')) needsNonce = true;
        else rejected = token;
      },
    },
  });

  const start = async (): Promise<void> => {
    try {
      // Before connecting: the API waits for a token for a few seconds only.
      if (rejected !== undefined) await auth.renew(rejected);
      // A page cannot read the nonce that comes with a WebSocket, but that of any other response.
      if (needsNonce) await auth.fetch(settings.endpoint, smallRequest);
      needsNonce = false;
      headers = await auth.authorization('GET');
      payload = settings.trustedDocuments === 'on' ? await hashedPayload(document) : payload;
    } catch {
      return startAgain();
    }
    if (isStopped) return;
    token = auth.getSession().user?.access_token;
    const startedAt = Date.now();
    const end = (): void => {
      if (Date.now() - startedAt > lastingMs) failures = 0;
      startAgain();
    };
    client.subscribe<Data>(payload, {
      next({ data, errors = [] }) {
        if (hasCode(errors, 'UNAUTHENTICATED')) rejected = token;
        onEvent({ data: data ?? undefined, errors, failure: undefined });
      },
      error(problem) {
        const errors = Array.isArray(problem) ? problem : [];
        if (!errors.some(isRefusal)) return end();
        token = undefined;
        onEvent({ data: undefined, errors, failure: undefined });
      },
      complete: end,
    });
  };
  const startAgain = (): void => {
    token = undefined;
    if (isStopped) return;
    const wait = failures === 0 ? 0 : Math.min(1000 * 2 ** (failures - 1), longestWaitMs);
    failures += 1;
    timer = setTimeout(start, wait);
  };
  const stopListening = auth.onChange(() => {
    const current = auth.getSession().user?.access_token;
    if (token !== undefined && token !== current) client.terminate();
  });

  void start();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    stopListening();
    client.dispose();
  };
}

/** Whether the subscription was refused for what the viewer lacks: not because of the token itself. */
function isRefusal({ extensions = {} }: GraphqlError): boolean {
  const { code, reason } = extensions;
  return code === 'FORBIDDEN' || (code === 'UNAUTHENTICATED' && reason === undefined);
}
