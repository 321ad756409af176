import { escapeHtml, type Page } from '../shared/page.ts';
import { requestedClasses } from './authentication-class.ts';
import type { LocalUser } from './local-user.ts';
import { renderPage } from './page.ts';

/** The path under which sign-ins are asked for; their identifier follows. */
export const loginPath = '/sign-in/';

/** What the login page shows. */
export interface LoginPageContent {
  readonly users: readonly LocalUser[];
  /** The parameters of the authorization request: whatever the client sent. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Where the form is posted to. */
  readonly action: string;
}

/** The login page: every ready-made person with what they may do, one button each. */
export function renderLoginPage({ users, params, action }: LoginPageContent): Page {
  const { client_id: clientId, redirect_uri: redirectUri, scope, login_hint: loginHint } = params;
  const classes = requestedClasses(params);
  const offered = new Set(users.flatMap((user) => user.scopes));
  const requested =
    typeof scope === 'string' ? scope.split(' ').filter((each) => offered.has(each)) : [];
  const body = `<p class="quiet"><code>${escapeHtml(clientId)}</code> asks who you are${
    requested.length > 0 ? ` and for ${requested.map(chip).join(' ')}` : ''
  }${
    classes.length > 0 ? `, with a sign-in of the class ${classes.map(chip).join(' or ')}` : ''
  }. Choose a person; there are no passwords.</p>
<form method="post" action="${escapeHtml(action)}">
<ul>
${users.map((user) => personButton(user, user.name === loginHint)).join('\n')}
</ul>
<p class="quiet">Afterwards you return to <code>${escapeHtml(redirectUri)}</code>.</p>
<button class="plain" name="cancel" value="yes">Cancel</button>
</form>`;
  return renderPage({ title: 'Sign in', body, formLeadsTo: redirectUri });
}

function personButton(user: LocalUser, suggested: boolean): string {
  const scopes =
    user.scopes.length > 0
      ? user.scopes.map(chip).join(' ')
      : '<span class="quiet">no permissions</span>';
  return `<li><button class="person${suggested ? ' suggested" autofocus' : '"'} name="login" value="${escapeHtml(user.name)}">
<strong>${escapeHtml(user.displayName)}</strong>
<span class="scopes">${scopes}</span>
<span class="arrow" aria-hidden="true">→</span>
</button></li>`;
}

function chip(scope: string): string {
  return `<code>${escapeHtml(scope)}</code>`;
}
