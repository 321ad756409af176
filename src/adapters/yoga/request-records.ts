import type { GraphQLParams } from 'graphql-yoga';
import { anonymous, type Viewer } from '../../authentication/viewer.ts';
import { connectionViewer } from '../../gate/connection-viewer.ts';
import type { ErrorBehavior } from '../../shared/error-behavior.ts';

/** What is known about one HTTP request. */
export interface RequestRecord {
  viewer: Viewer;
  /** Whether caches may store the response: it neither depends on the viewer nor is a refusal. */
  isCacheable: boolean;
  /** Whether the scheme is DPoP: the client then gets the nonce for its next proof. */
  usesDpop: boolean;
  /** What the gate adds to the response, whatever it is. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Its operations, by their contexts. A batch has several. */
  readonly operations: WeakMap<object, OperationRecord>;
  /** The results that may be sent to the client as they are. */
  readonly approved: WeakSet<object>;
}

/** What is known about one operation of a request. */
export interface OperationRecord {
  /** As every other plugin has left them. */
  params?: GraphQLParams;
  /** What the client wants of field errors. */
  onError?: ErrorBehavior;
  /** Whether the gate has allowed its execution. */
  isAllowed?: boolean;
  /** The data of its own execution. */
  data?: object | null | undefined;
}

/** The records of all open requests, found by the request or by a context of it. */
export class RequestRecords {
  readonly #byKey = new WeakMap<object, RequestRecord>();

  /** Starts the record of a request whose viewer is not known yet. */
  create(request: Request): RequestRecord {
    const record: RequestRecord = {
      viewer: anonymous,
      isCacheable: false,
      usesDpop: false,
      operations: new WeakMap(),
      approved: new WeakSet(),
    };
    this.#byKey.set(request, record);
    return record;
  }

  of(request: Request): RequestRecord | undefined {
    return this.#byKey.get(request);
  }

  /** Binds a context to its request: a context factory can replace `context.request`. */
  bind(context: object, request: Request): void {
    const record = this.#byKey.get(request);
    if (record !== undefined) this.#byKey.set(context, record);
  }

  ofContext(context: object): RequestRecord | undefined {
    const record =
      'request' in context && context.request instanceof Object
        ? this.#byKey.get(context.request)
        : undefined;
    return record ?? this.#byKey.get(context);
  }

  /** The operation of a context. Undefined for contexts that belong to no HTTP request. */
  operation(context: unknown): OperationRecord | undefined {
    if (typeof context !== 'object' || context === null) return undefined;
    const operations = this.ofContext(context)?.operations;
    const known = operations?.get(context);
    if (operations === undefined || known !== undefined) return known;
    const operation: OperationRecord = {};
    operations.set(context, operation);
    return operation;
  }

  /** The viewer of the connection, or of the request, that a context belongs to. */
  viewerOf(context: object): Viewer {
    return connectionViewer(context) ?? this.ofContext(context)?.viewer ?? anonymous;
  }
}
