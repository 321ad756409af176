import { escapeHtml, type Page } from '../shared/page.ts';
import type { LocalUser } from './clients-and-users.ts';
import { renderIssuerPage } from './issuer-pages.ts';

/** The path of the login page; the identifier of the sign-in follows. */
export const loginPath = '/sign-in/';

/** Options for the login page. */
export interface LoginPageOptions {
  readonly users: readonly LocalUser[];
  /** The parameters of the authorization request, as the client sent them. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The URL that the form is posted to. */
  readonly action: string;
}

/** The login page: one button for each test user, with their scopes. */
export function renderLoginPage({ users, params, action }: LoginPageOptions): Page {
  const { client_id: clientId, redirect_uri: redirectUri, scope, login_hint: loginHint } = params;
  const classes = requestedAcrValues(params);
  const apiScopes = new Set(users.flatMap((user) => user.scopes));
  const requested =
    typeof scope === 'string' ? scope.split(' ').filter((each) => apiScopes.has(each)) : [];
  const body = `<p class="quiet"><code>${escapeHtml(clientId)}</code> wants to sign you in${
    requested.length > 0 ? ` and requests ${requested.map(chip).join(' ')}` : ''
  }.${
    classes.length > 0
      ? ` It requires the authentication class ${classes.map(chip).join(' or ')}.`
      : ''
  } Choose a test user; no password is needed.</p>
<form method="post" action="${escapeHtml(action)}">
<ul>
${users.map((user) => userButton(user, user.name === loginHint)).join('\n')}
</ul>
<p class="quiet">You will return to <code>${escapeHtml(redirectUri)}</code>.</p>
<button class="plain" name="cancel" value="yes">Cancel</button>
</form>`;
  return renderIssuerPage({ title: 'Sign in', body, formActionTarget: redirectUri });
}

/**
 * The authentication context classes that a request names, in order of preference
 * (OpenID Connect Core §3.1.2.1).
 */
export function requestedAcrValues(
  params: Readonly<Record<string, unknown>> | undefined,
): string[] {
  const values = params?.['acr_values'];
  return typeof values === 'string' ? values.split(' ').filter(Boolean) : [];
}

function userButton(user: LocalUser, isSuggested: boolean): string {
  const scopes =
    user.scopes.length > 0
      ? user.scopes.map(chip).join(' ')
      : '<span class="quiet">no permissions</span>';
  return `<li><button class="user${isSuggested ? ' suggested" autofocus' : '"'} name="login" value="${escapeHtml(user.name)}">
<strong>${escapeHtml(user.displayName)}</strong>
<span class="scopes">${scopes}</span>
<span class="arrow" aria-hidden="true">→</span>
</button></li>`;
}

function chip(text: string): string {
  return `<code>${escapeHtml(text)}</code>`;
}
