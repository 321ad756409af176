import type { IncomingMessage, ServerResponse } from 'node:http';
import { loginPath } from './login-page.ts';
import { isLoopbackHostname } from './loopback.ts';
import { renderFrontPage, renderMessagePage } from './message-pages.ts';
import { sendPage } from './send-page.ts';
import { userInfoPath } from './user-info.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Who answers what. */
export interface RequestHandlers {
  readonly issuer: string;
  readonly login: Handler;
  readonly userInfo: Handler;
  /** Everything else. */
  readonly provider: Handler;
  /** Told of what no handler expected; the client sees a 500 without particulars. */
  readonly onError: (error: unknown) => void;
}

/** Sends each request to the one who answers it. */
export function createRequestHandler({
  issuer,
  login,
  userInfo,
  provider,
  onError,
}: RequestHandlers): (request: IncomingMessage, response: ServerResponse) => void {
  const answer: Handler = async (request, response) => {
    const url = requestUrl(request);
    // A name that anyone may point at this machine is not ours: it would lend a foreign page our
    // origin.
    if (!url || !isLoopbackHostname(url.hostname)) {
      const sentence = `The local issuer answers as ${issuer} only.`;
      return sendPage(response, 421, renderMessagePage('Wrong address', sentence));
    }
    if (url.pathname.startsWith(loginPath)) return login(request, response);
    if (url.pathname === userInfoPath) return userInfo(request, response);
    if (url.pathname === '/') return sendPage(response, 200, renderFrontPage(issuer));
    if (url.pathname === '/v2/logout') return redirect(response, logoutUrl(url));
    return provider(request, response);
  };
  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      onError(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  };
}

function requestUrl({ headers, url }: IncomingMessage): URL | undefined {
  const base = `http://${headers.host ?? ''}`;
  return url?.startsWith('/') && URL.canParse(base) ? new URL(base + url) : undefined;
}

// Auth0's older way to sign out, which its single-page SDK still takes.
function logoutUrl({ searchParams }: URL): string {
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
