import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptedTypes } from '../../shared/accept.ts';
import { graphqlPath } from '../http/paths.ts';
import { createNotFound, sendText } from '../http/plain-responses.ts';
import { type Asset, builtPage, readAsset } from './assets.ts';
import { assetPath, callbackPath, isolation, pageHeaders, settingsPath } from './page.ts';
import type { PageSettings } from './page-settings.ts';
import type { SignInSettings } from './sign-in-settings.ts';

/**
 * Serves GraphiQL: the page, to browsers that open the endpoint, and its assets.
 *
 * @returns Whether it handles the request.
 */
export type GraphiqlListener = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
) => boolean;

/** Options for `createGraphiqlListener`. */
export interface GraphiqlListenerOptions {
  readonly settings: SignInSettings;
  /** The operations of the tabs. Called when a browser loads the page. */
  readonly tabs: () => readonly string[];
  /** Whether the page can show what the rules allow; see `createAccessListener`. */
  readonly explainsAccess: boolean;
  /** Where the built page is. Default: where `npm run build` leaves it. */
  readonly folder?: URL | undefined;
  /** Called with what prevented that a file was sent. */
  readonly onError: (error: unknown, request: IncomingMessage) => void;
}

type ResponseHeaders = Readonly<Record<string, string>>;

/** A file whose name has no hash, and the headers that it has beside those of all files. */
interface Document {
  readonly name: string;
  readonly headers: ResponseHeaders;
}

/** The page has not been built. */
class PageNotBuiltError extends Error {
  override name = 'PageNotBuiltError';

  constructor() {
    super('GraphiQL is not built. Run npm run build.');
  }
}

/** GraphiQL with a bar to sign in. Nothing is read before the first request. */
export function createGraphiqlListener({
  settings,
  tabs,
  explainsAccess,
  folder = builtPage,
  onError,
}: GraphiqlListenerOptions): GraphiqlListener {
  const { clientId, metadataUrl, issuer } = settings;
  const headers = pageHeaders(clientId === null ? undefined : (metadataUrl ?? issuer));
  const sendNotFound = createNotFound(new URL(settings.endpoint).pathname);
  // The names of all other files contain a hash of their content.
  const documents: Readonly<Record<string, Document>> = {
    [graphqlPath]: { name: 'index.html', headers: isolation },
    // It returns to the page that opened its window.
    [callbackPath]: { name: 'callback.html', headers: {} },
  };

  return (request, response, path) => {
    const isPage = path === graphqlPath && prefersHtml(request);
    if (!isPage && !path.startsWith(assetPath)) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    serve(request, response, path).catch((error: unknown) => {
      onError(error, request);
      const message =
        error instanceof PageNotBuiltError
          ? error.message
          : 'GraphiQL could not be loaded. See the server log.';
      sendText(response, 500, message);
    });
    return true;
  };

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> {
    if (path === settingsPath) {
      const content: PageSettings = { ...settings, tabs: tabs(), explainsAccess };
      const body = Buffer.from(JSON.stringify(content));
      const type = 'application/json; charset=utf-8';
      sendRevalidated(request, response, { type, encoding: undefined, body });
      return;
    }
    const document = documents[path];
    const name = document?.name ?? path.slice(1);
    const encodings = acceptedEncodings(request.headers['accept-encoding']);
    const asset = await readAsset(folder, name, encodings);
    if (asset && document === undefined) {
      send(request, response, asset, { 'Cache-Control': 'public, max-age=31536000, immutable' });
    } else if (asset) {
      sendRevalidated(request, response, asset, document?.headers);
    } else if (document !== undefined) {
      throw new PageNotBuiltError();
    } else {
      sendNotFound(request, response);
    }
  }

  /** Sends what is cached, but revalidated on each load, so that updates apply immediately. */
  function sendRevalidated(
    request: IncomingMessage,
    response: ServerResponse,
    asset: Asset,
    ownHeaders: ResponseHeaders = {},
  ): void {
    const tag = `"${createHash('sha256').update(asset.body).digest('base64url')}"`;
    const added = { ...ownHeaders, ETag: tag, 'Cache-Control': 'no-cache' };
    if (isTagListed(request.headers['if-none-match'], tag)) {
      response.writeHead(304, { ...headers, ...added, Vary: 'Accept, Accept-Encoding' }).end();
    } else {
      send(request, response, asset, added);
    }
  }

  function send(
    { method }: IncomingMessage,
    response: ServerResponse,
    { type, encoding, body }: Asset,
    added: ResponseHeaders,
  ): void {
    response.writeHead(200, {
      ...headers,
      ...added,
      Vary: 'Accept, Accept-Encoding',
      'Content-Type': type,
      'Content-Length': body.byteLength,
      ...(encoding === undefined ? {} : { 'Content-Encoding': encoding }),
    });
    response.end(method === 'HEAD' ? undefined : body);
  }
}

/** Whether a browser opens the endpoint, rather than a program. */
function prefersHtml({ method, headers }: IncomingMessage): boolean {
  const [type] = acceptedTypes(headers.accept, ['application/json', 'text/html']);
  return method === 'GET' && type === 'text/html';
}

/** Brotli before gzip, whatever the client prefers: it is smaller, and costs nothing here. */
function acceptedEncodings(header: string | string[] | undefined): ('br' | 'gzip')[] {
  if (typeof header !== 'string' || header.trim() === '') return [];
  return [...acceptedTypes(header, ['br', 'gzip'])].sort();
}

/** Whether a list of ETags has one. Proxies that compress weaken it (RFC 9110 §8.8.3). */
function isTagListed(list: string | undefined, tag: string): boolean {
  return (list ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}
