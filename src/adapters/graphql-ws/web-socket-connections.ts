import type { Context } from 'graphql-ws';
import { AuthError } from '../../authentication/auth-error.ts';
import type { AuthenticationRequest, Authenticator } from '../../authentication/authenticator.ts';
import type { Viewer } from '../../authentication/viewer.ts';
import { createViewerCheck } from '../../authentication/viewer-check.ts';
import type { Observation } from '../../gate/join-observers.ts';
import { type RateCheck, type RateChecker, rateLimitMessage } from '../../gate/rate-limit.ts';
import type { RefusalReporter } from '../../gate/refusal-events.ts';
import type { Clock } from '../../shared/clock.ts';
import {
  ConcurrencyLimiter,
  type ConcurrencyLimits,
  type ConcurrencySlot,
} from '../../streams/concurrency-limiter.ts';
import { RevocationSweep } from '../../streams/revocation-sweep.ts';
import { connectionCredentials } from './connection-credentials.ts';
import {
  closeCodeOf,
  closeReason,
  goingAway,
  internalError,
  tryAgainLater,
} from './web-socket-close.ts';
import { WebSocketConnection, type WebSocketExtra } from './web-socket-connection.ts';

/** The context of a connection in graphql-ws. */
export type ConnectionContext = Context<Record<string, unknown>, WebSocketExtra>;

/** Options of `WebSocketConnections`. */
interface ConnectionsSettings {
  readonly authenticator: Pick<Authenticator, 'authenticate' | 'checkRevocation'>;
  readonly limits: ConcurrencyLimits;
  readonly clock: Clock;
  /** Called with errors that are not refusals. */
  readonly reportError: (error: unknown) => void;
  readonly reporter: RefusalReporter | undefined;
  /** Undefined: there are no rate limits. */
  readonly rates: RateChecker | undefined;
  readonly beginStep: Observation['beginStep'];
}

/** The reasons in close frames, by the limit that is reached. */
const tooMany: Readonly<Record<Extract<ConcurrencySlot, { kind: 'rejected' }>['limit'], string>> = {
  perViewer: 'Too many open connections. Close one first.',
  total: 'Too many open connections. Try again shortly.',
  anonymous: 'Too many open connections without an access token. Try again shortly.',
};

/** The open connections whose viewers have been authenticated. */
export class WebSocketConnections {
  readonly #settings: ConnectionsSettings;
  readonly #limiter: ConcurrencyLimiter;
  readonly #revocations: RevocationSweep;
  readonly #byContext = new WeakMap<object, WebSocketConnection>();
  readonly #open = new Set<WebSocketConnection>();
  readonly #checkViewer = createViewerCheck();
  readonly #closed = new WeakSet<object>();
  #isStopping = false;

  constructor(settings: ConnectionsSettings) {
    this.#settings = settings;
    this.#limiter = new ConcurrencyLimiter(settings.limits);
    this.#revocations = new RevocationSweep(settings.authenticator.checkRevocation, settings.clock);
  }

  /** The connection of a context; undefined before it is acknowledged. */
  of(context: object): WebSocketConnection | undefined {
    return this.#byContext.get(context);
  }

  /**
   * Authenticates a connection. Closes it if it is refused or if a limit is reached.
   *
   * @returns Whether it is open now.
   */
  async open(context: ConnectionContext): Promise<boolean> {
    const { socket } = context.extra;
    const { authenticator, rates } = this.#settings;
    // graphql-ws reports that the socket is closed only after its operations have finished.
    socket.once?.('close', () => this.close(context));
    const credentials = takeCredentials(context);
    const end = this.#settings.beginStep?.({ kind: 'authenticate', request: credentials });
    const refuseLimited = (check: RateCheck | undefined): boolean => {
      const isLimited = closeIfLimited(socket, check);
      if (isLimited)
        end?.({ kind: 'refused', status: 429, code: 'RATE_LIMITED', reason: undefined });
      return isLimited;
    };
    try {
      if (refuseLimited(await rates?.checkRequest(credentials))) return false;
      const viewer = await authenticator.authenticate(credentials);
      this.#checkViewer(viewer);
      if (refuseLimited(await rates?.checkViewer(viewer, credentials))) return false;
      end?.({ kind: 'authenticated', viewer });
      return this.#admit(context, viewer, credentials);
    } catch (error) {
      if (error instanceof AuthError) {
        const { status, code, reason } = error;
        // Within the step, as on other servers.
        this.#settings.reporter?.credentials(error, credentials);
        end?.({ kind: 'refused', status, code, reason });
        rates?.countFailure(credentials, error);
        socket.close(closeCodeOf[error.code], closeReason(error));
      } else {
        end?.({ kind: 'failed', error });
        this.#settings.reportError(error);
        socket.close(internalError, 'Internal server error');
      }
      return false;
    }
  }

  /** Releases a connection whose socket is closed. */
  close(context: object): void {
    this.#closed.add(context);
    const connection = this.#byContext.get(context);
    if (connection === undefined) return;
    this.#open.delete(connection);
    connection.release();
  }

  /** Opens no more connections, and closes each when its running operations have finished. */
  stop(): void {
    this.#isStopping = true;
    for (const connection of [...this.#open]) connection.stop();
  }

  #admit(context: ConnectionContext, viewer: Viewer, credentials: AuthenticationRequest): boolean {
    if (this.#closed.has(context)) return false;
    const { clock, limits } = this.#settings;
    const { socket } = context.extra;
    if (this.#isStopping) {
      socket.close(goingAway, 'The server is shutting down.');
      return false;
    }
    const slot = this.#limiter.acquire(viewer);
    if (slot.kind === 'rejected') {
      this.#settings.reporter?.stream(
        slot.limit === 'perViewer' ? 'too_many_of_viewer' : 'too_many_in_all',
        viewer,
        credentials,
      );
      socket.close(tryAgainLater, tooMany[slot.limit]);
      return false;
    }
    let connection: WebSocketConnection | undefined;
    try {
      connection = new WebSocketConnection(context.extra, viewer, {
        clock,
        revocations: this.#revocations,
        maxOperations: limits.perViewer,
        releaseSlot: slot.release,
      });
    } finally {
      if (connection === undefined) slot.release();
    }
    this.#byContext.set(context, connection);
    this.#open.add(connection);
    return true;
  }
}

/** @returns Whether it is closed. */
function closeIfLimited(socket: WebSocketExtra['socket'], check: RateCheck | undefined): boolean {
  if (check?.kind !== 'limited') return false;
  socket.close(
    tryAgainLater,
    closeReason({ reason: 'rate_limited', message: rateLimitMessage(check) }),
  );
  return true;
}

/** Takes the credentials of a connection, and drops the payload, which graphql-ws would keep. */
function takeCredentials(context: ConnectionContext): AuthenticationRequest {
  const { connectionParams = {}, extra } = context;
  const credentials = connectionCredentials(extra.request, connectionParams);
  for (const name of Object.keys(connectionParams)) Reflect.deleteProperty(connectionParams, name);
  Reflect.deleteProperty(context, 'connectionParams');
  return credentials;
}
