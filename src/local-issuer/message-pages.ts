import { escapeHtml, type Page } from '../shared/page.ts';
import { renderPage } from './page.ts';

/** An OAuth error as oidc-provider reports it. */
export interface ReportedError {
  readonly error: string;
  readonly error_description?: string | undefined;
}

const mends: Readonly<Record<string, string>> = {
  invalid_client: 'The clients here are local-spa (with a browser) and local-machine (without).',
  invalid_redirect_uri: 'local-spa may be redirected to localhost, 127.0.0.1 and [::1] only.',
  invalid_target: 'The parameter audience must be the identifier of the API, or be left out.',
};

/** For a sign-in that cannot go on and cannot be sent back to the client either. */
export function renderErrorPage({ error, error_description: description }: ReportedError): Page {
  const mend = Object.hasOwn(mends, error) ? mends[error] : undefined;
  return renderPage({
    title: 'This request cannot be answered',
    body: `${mend === undefined ? '' : `<p>${escapeHtml(mend)}</p>`}
<dl>
<dt>Error</dt><dd><code>${escapeHtml(error)}</code></dd>
${description === undefined ? '' : `<dt>Reason</dt><dd>${escapeHtml(description)}</dd>`}
</dl>`,
  });
}

/** One sentence and nothing to do here. */
export function renderMessagePage(title: string, sentence: string): Page {
  return renderPage({ title, body: `<p>${escapeHtml(sentence)}</p>` });
}

/** Asks whether to sign out; `form` is oidc-provider's own, with its token against forgery. */
export function renderLogoutPage(form: string, formId: string, returnTo: unknown): Page {
  return renderPage({
    title: 'Sign out?',
    body: `<p>You are signed in at the local issuer.</p>
${form}
<div class="row">
<button autofocus form="${formId}" name="logout" value="yes">Sign out</button>
<button class="plain" form="${formId}">Stay signed in</button>
</div>`,
    formLeadsTo: returnTo,
  });
}

/** The front door, for people who open the issuer's address out of curiosity. */
export function renderFrontPage(issuer: string): Page {
  return renderPage({
    title: 'Local issuer',
    body: `<p>It signs real tokens for the API beside it. A sign-in starts from an application, not here.</p>
<p><a href="/.well-known/openid-configuration">Its metadata</a>, for clients that are given the
issuer <code>${escapeHtml(issuer)}</code>.</p>`,
  });
}
