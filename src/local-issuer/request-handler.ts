import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopbackHostname } from '../shared/loopback.ts';
import { renderFrontPage, renderMessagePage, sendPage } from './issuer-pages.ts';
import { loginPath } from './login-page.ts';
import { userInfoPath } from './user-info.ts';

const failurePage = renderMessagePage(
  'Something went wrong',
  'The local issuer could not process the request. The reason is in the output of the API.',
);

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Options for the request handler. */
export interface RequestHandlerOptions {
  readonly issuer: string;
  readonly login: Handler;
  readonly userInfo: Handler;
  /** Everything else. */
  readonly provider: Handler;
  /** Called with an unexpected error of a handler; the client gets a page with status 500, without details. */
  readonly onError: (error: unknown) => void;
}

/** Routes each request to its handler. */
export function createRequestHandler({
  issuer,
  login,
  userInfo,
  provider,
  onError,
}: RequestHandlerOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const route: Handler = async (request, response) => {
    const url = parseRequestUrl(request);
    // Prevents DNS rebinding: a foreign name that resolves to this machine would share our origin.
    if (!url || !isLoopbackHostname(url.hostname)) {
      const page = renderMessagePage('Wrong host', `Use ${issuer} to reach the local issuer.`, {
        href: issuer,
        text: 'Go to the local issuer',
      });
      return sendPage(response, 421, page);
    }
    if (url.pathname.startsWith(loginPath)) return login(request, response);
    if (url.pathname === userInfoPath) return userInfo(request, response);
    if (url.pathname === '/') return sendPage(response, 200, renderFrontPage(issuer));
    if (url.pathname === '/v2/logout') return redirect(response, toLogoutUrl(url));
    return provider(request, response);
  };
  return (request, response) => {
    route(request, response).catch((error: unknown) => {
      onError(error);
      if (response.headersSent) response.destroy();
      else sendPage(response, 500, failurePage);
    });
  };
}

function parseRequestUrl({ headers, url }: IncomingMessage): URL | undefined {
  const base = `http://${headers.host ?? ''}`;
  return url?.startsWith('/') && URL.canParse(base) ? new URL(base + url) : undefined;
}

// Auth0's older logout endpoint, which its single-page SDK still uses.
function toLogoutUrl({ searchParams }: URL): string {
  const target = new URLSearchParams();
  const clientId = searchParams.get('client_id');
  const returnTo = searchParams.get('returnTo');
  if (clientId !== null) target.set('client_id', clientId);
  if (returnTo !== null) target.set('post_logout_redirect_uri', returnTo);
  return `/oidc/logout?${target}`;
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location, 'cache-control': 'no-store' }).end();
}
