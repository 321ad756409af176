import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Authenticator } from '../authentication/authenticator.ts';
import { createLogoutReceiver } from '../authentication/logout/logout-receiver.ts';
import { LogoutTokenError } from '../authentication/logout/logout-token.ts';
import type { ReplayStore } from '../authentication/replay/replay-store.ts';
import type { RevocationList } from '../authentication/revocation/revocation-list.ts';
import { fromNodeRequest } from '../gate/node-request.ts';
import {
  RateChecker,
  type RateLimited,
  rateLimitedHeaders,
  rateLimitMessage,
} from '../gate/rate-limit.ts';
import { logoutPath } from './http/paths.ts';
import type { ServerLogger } from './logger.ts';
import type { AddressLimiter } from './rate-limits/rate-limits.ts';
import type { RequestRecords } from './request-records.ts';

/** Options for `createLogoutListener`. */
export interface LogoutListenerOptions {
  readonly authenticator: Authenticator;
  readonly clientIds: readonly string[];
  readonly revocations: RevocationList;
  readonly replayStore: ReplayStore;
  /** Undefined: requests are not counted. */
  readonly rateLimit: AddressLimiter | undefined;
  readonly publicUrl: string;
  readonly log: ServerLogger;
  readonly requests: Pick<RequestRecords, 'idOf'>;
}

/** Bytes that are read of a body. The receiver rejects a longer one. */
const maxReadBytes = 100_001;

/** Creates the listener of the back-channel logout endpoint. Anyone can send it requests. */
export function createLogoutListener(options: LogoutListenerOptions): RequestListener {
  const { authenticator, clientIds, revocations, replayStore, publicUrl, requests } = options;
  const { logger } = options.log;
  /** The IDs of the requests that the receiver gets. */
  const ids = new WeakMap<Request, string>();
  const receive = createLogoutReceiver({
    authenticator,
    clientId: clientIds,
    revocations,
    replayStore,
    onFailure(error, received) {
      const request = ids.get(received);
      if (error instanceof LogoutTokenError) {
        logger.debug({ request, reason: error.reason }, 'A logout token was rejected.');
      } else logger.warn({ request, err: error }, 'A logout token could not be processed.');
    },
  });

  const { rateLimit } = options;
  const rates = rateLimit && new RateChecker({ ...rateLimit, countViewer: () => [] }, undefined);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const source = fromNodeRequest(request);
    const check = await rates?.checkRequest(source);
    if (check?.kind === 'limited') {
      logger.debug(
        { request: requests.idOf(request), retryAfter: check.retryAfter },
        'A logout request was beyond its rate limit.',
      );
      rejectRate(check, request, response);
      return;
    }
    const isPost = request.method === 'POST';
    const received = new Request(`${publicUrl}${logoutPath}`, {
      method: isPost ? 'POST' : 'GET',
      headers: { 'Content-Type': request.headers['content-type'] ?? '' },
      ...(isPost ? { body: await readStart(request) } : {}),
    });
    const id = requests.idOf(request);
    if (id !== undefined) ids.set(received, id);
    const result = await receive(received);
    if (result.status === 400) rates?.countFailure(source, { reason: 'logout_token', status: 400 });
    if (!request.complete) response.setHeader('Connection', 'close');
    response.writeHead(result.status, Object.fromEntries(result.headers));
    response.end(await result.text());
  }

  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      // Most likely, the client has gone.
      logger.debug(
        { request: requests.idOf(request), err: error },
        'A logout request could not be served.',
      );
      response.destroy();
    });
  };
}

/** Refuses a request before its body is read. */
function rejectRate(
  limited: RateLimited,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (!request.complete) response.setHeader('Connection', 'close');
  response.writeHead(429, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    ...rateLimitedHeaders(limited),
  });
  response.end(
    JSON.stringify({
      error: 'temporarily_unavailable',
      error_description: rateLimitMessage(limited),
    }),
  );
}

/** Reads a body, or the start of a long one. */
async function readStart(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= maxReadBytes) break;
  }
  return new Uint8Array(Buffer.concat(chunks));
}
