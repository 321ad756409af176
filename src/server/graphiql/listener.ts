import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptedTypes } from '../../shared/accept.ts';
import { graphqlPath } from '../http/paths.ts';
import { createNotFound, sendText } from '../http/plain-responses.ts';
import { type Asset, type Assets, loadAssets } from './assets.ts';
import { assetPath, pageHeaders } from './page.ts';
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

/** GraphiQL with a bar to sign in. Nothing is loaded before the first request. */
export function createGraphiqlListener(
  settings: SignInSettings,
  tabs: () => readonly string[],
  onError: (error: unknown) => void,
): GraphiqlListener {
  const metadataUrl = settings.metadataUrl ?? settings.issuer;
  const headers = pageHeaders(URL.canParse(metadataUrl) ? metadataUrl : undefined);
  const sendNotFound = createNotFound(new URL(settings.endpoint).pathname);
  let loading: Promise<Assets> | undefined;
  const loadNow = async (): Promise<Assets> => loadAssets(settings, tabs());
  const load = (): Promise<Assets> => {
    loading ??= loadNow().catch((error: unknown) => {
      // The next request tries again.
      loading = undefined;
      throw error;
    });
    return loading;
  };

  return (request, response, path) => {
    const isPage = path === graphqlPath && prefersHtml(request);
    if (!isPage && !path.startsWith(assetPath)) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    load().then(
      ({ page, byPath }) => {
        const asset = isPage ? page : byPath.get(path);
        if (asset) sendAsset(request, response, asset, headers);
        else sendNotFound(request, response);
      },
      (error) => {
        onError(error);
        sendText(response, 500, 'GraphiQL could not be loaded. See the server log.');
      },
    );
    return true;
  };
}

/** Whether a browser opens the endpoint, rather than a program. */
function prefersHtml({ method, headers }: IncomingMessage): boolean {
  const [type] = acceptedTypes(headers.accept, ['application/json', 'text/html']);
  return method === 'GET' && type === 'text/html';
}

function sendAsset(
  request: IncomingMessage,
  response: ServerResponse,
  { type, body, tag }: Asset,
  headers: Readonly<Record<string, string>>,
): void {
  // Cached, but revalidated on each load, so that updates apply immediately.
  const caching = { ETag: tag, 'Cache-Control': 'no-cache', Vary: 'Accept' };
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304, { ...headers, ...caching }).end();
    return;
  }
  response.writeHead(200, {
    ...headers,
    ...caching,
    'Content-Type': type,
    'Content-Length': body.byteLength,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
