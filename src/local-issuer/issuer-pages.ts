import type { ServerResponse } from 'node:http';
import { isLoopbackUrl } from '../shared/loopback.ts';
import { escapeHtml, type Page, renderPage } from '../shared/page.ts';

/** An OAuth error as oidc-provider reports it. */
export interface ReportedError {
  readonly error: string;
  readonly error_description?: string | undefined;
}

const hints: Readonly<Record<string, string>> = {
  invalid_client:
    'The registered clients are local-spa (for browsers) and local-machine (client credentials).',
  invalid_redirect_uri:
    'local-spa accepts redirect URIs on loopback only: localhost, 127.0.0.1 or [::1].',
  invalid_target:
    "The audience parameter must be the API's identifier. Leave it out to use the default.",
};

/** A link at the end of a page. */
export interface PageLink {
  readonly href: string;
  readonly text: string;
}

const toFrontPage: PageLink = { href: '/', text: 'About the local issuer' };

/**
 * For a request that fails and cannot be redirected back to the client.
 *
 * @param redirectUri As requested: the page links to the application there, if it is on loopback.
 */
export function renderErrorPage(
  { error, error_description: description }: ReportedError,
  redirectUri: unknown,
): Page {
  const hint = Object.hasOwn(hints, error) ? hints[error] : undefined;
  return renderIssuerPage({
    title: 'Invalid request',
    body: `${hint === undefined ? '' : `<p>${escapeHtml(hint)}</p>`}
<dl>
<dt>Error</dt><dd><code>${escapeHtml(error)}</code></dd>
${description === undefined ? '' : `<dt>Reason</dt><dd>${escapeHtml(description)}</dd>`}
</dl>
${renderLink(linkToApplication(redirectUri))}`,
  });
}

/** A title and one sentence, in plain text, with a way back. */
export function renderMessagePage(
  title: string,
  sentence: string,
  link: PageLink = toFrontPage,
): Page {
  return renderIssuerPage({
    title,
    body: `<p>${escapeHtml(sentence)}</p>\n${renderLink(link)}`,
  });
}

/** For an address that does not exist. */
export const notFoundPage = renderMessagePage(
  'Not found',
  'The local issuer has no page at this address.',
);

function linkToApplication(redirectUri: unknown): PageLink {
  if (typeof redirectUri !== 'string' || !isLoopbackUrl(redirectUri)) return toFrontPage;
  const { origin } = new URL(redirectUri);
  return { href: origin, text: `Back to ${origin}` };
}

function renderLink({ href, text }: PageLink): string {
  return `<p class="back"><a href="${escapeHtml(href)}">${escapeHtml(text)}</a></p>`;
}

/** Asks whether to sign out; `form` is oidc-provider's own, with its token against forgery. */
export function renderLogoutPage(form: string, formId: string, returnTo: unknown): Page {
  return renderIssuerPage({
    title: 'Sign out?',
    body: `<p>You are signed in to the local issuer.</p>
${form}
<div class="row">
<button autofocus form="${formId}" name="logout" value="yes">Sign out</button>
<button class="plain" form="${formId}">Stay signed in</button>
</div>`,
    formActionTarget: returnTo,
  });
}

/** For people who open the issuer's address in a browser. */
export function renderFrontPage(issuer: string): Page {
  return renderIssuerPage({
    title: 'Local issuer',
    body: `<p>This server issues real access tokens for the API. To sign in, start from an application.</p>
<p>The issuer is <code>${escapeHtml(issuer)}</code>; clients discover it by
<a href="/.well-known/openid-configuration">its metadata</a>.</p>`,
  });
}

/** Options for a page of the issuer. */
export interface IssuerPageOptions {
  readonly title: string;
  /** HTML; the caller has escaped what came from outside. */
  readonly body: string;
  /** The URL that submitting a form finally redirects to, if not the issuer itself. */
  readonly formActionTarget?: unknown;
}

/** A page of the local issuer. */
export function renderIssuerPage({ title, body, formActionTarget }: IssuerPageOptions): Page {
  return renderPage({
    title,
    body,
    footer: 'Local issuer, for development only',
    formAction: `'self'${formActionSource(formActionTarget)}`,
  });
}

// Browsers apply form-action to redirects as well, so the client's origin must be allowed. CSP
// cannot name an IPv6 address; the scheme has to suffice there.
function formActionSource(target: unknown): string {
  if (typeof target !== 'string' || !isLoopbackUrl(target)) return '';
  const url = new URL(target);
  return url.hostname === '[::1]' ? ` ${url.protocol}` : ` ${url.origin}`;
}

/** Sends a page as the whole response. */
export function sendPage(response: ServerResponse, status: number, { html, headers }: Page): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(html) });
  response.end(html);
}
