import { escapeHtml, type Page } from '../shared/page.ts';
import { claimsByScope, type LocalUser } from './clients-and-users.ts';
import { renderIssuerPage } from './issuer-pages.ts';

/** The path of the login page; the identifier of the sign-in follows. */
export const loginPath = '/sign-in/';

/** The parameters of an authorization request, as the client sent them. */
export type RequestParameters = Readonly<Record<string, unknown>>;

/** Options for the login page. */
export interface LoginPageOptions {
  readonly users: readonly LocalUser[];
  readonly params: RequestParameters;
  /** The URL that the form is posted to. */
  readonly action: string;
}

/** Requested scopes about the user's identity: every user can grant them. */
const identityScopes = new Set([
  ...Object.keys(claimsByScope),
  'address',
  'phone',
  'offline_access',
]);

/** Scopes beyond this are only counted, so that the users stay in sight. */
const maxListedScopes = 6;

/**
 * The login page: one button for each test user, with the requested scopes that the user can and
 * cannot grant. The focus is on the user of `login_hint`, or on the one who can grant the most.
 */
export function renderLoginPage({ users, params, action }: LoginPageOptions): Page {
  const { client_id: clientId, redirect_uri: redirectUri } = params;
  const classes = requestedAcrValues(params);
  const requested = requestedScopes(params);
  const suggested = findHintedUser(users, params) ?? bestSuited(users, requested);
  const isPartial = users.some((user) => !requested.every((scope) => user.scopes.includes(scope)));
  const body = `<p class="quiet"><code>${escapeHtml(clientId)}</code> wants to sign you in${
    requested.length > 0 ? ` and requests ${listScopes(requested)}` : ''
  }.${
    classes.length > 0
      ? ` It requires the authentication class ${classes.map(chip).join(' or ')}.`
      : ''
  } Choose a test user; no password is needed.</p>
${requested.length > maxListedScopes ? `<details><summary>All ${requested.length} requested scopes</summary>${requested.map(chip).join(' ')}</details>` : ''}
<form method="post" action="${escapeHtml(action)}">
<ul aria-label="Test users">
${users.map((user) => userButton(user, requested, user === suggested)).join('\n')}
</ul>
<p class="quiet">${
    isPartial ? 'You will be signed in without the scopes that the user cannot grant. ' : ''
  }You will return to <code>${escapeHtml(redirectUri)}</code>.</p>
<button class="plain" name="cancel" value="yes">Cancel</button>
</form>`;
  return renderIssuerPage({ title: 'Sign in', body, formActionTarget: redirectUri });
}

/**
 * The authentication context classes that a request names, in order of preference
 * (OpenID Connect Core §3.1.2.1).
 */
export function requestedAcrValues(params: RequestParameters | undefined): string[] {
  return wordsOf(params?.['acr_values']);
}

/** The test user that `login_hint` names (OpenID Connect Core §3.1.2.1); other hints have no effect. */
export function findHintedUser(
  users: readonly LocalUser[],
  params: RequestParameters | undefined,
): LocalUser | undefined {
  return users.find(({ name }) => name === params?.['login_hint']);
}

/** The requested scopes of the API, each once. */
function requestedScopes({ scope }: RequestParameters): string[] {
  return [...new Set(wordsOf(scope))].filter((each) => !identityScopes.has(each));
}

function wordsOf(parameter: unknown): string[] {
  return typeof parameter === 'string' ? parameter.split(' ').filter(Boolean) : [];
}

/** The first of the users who can grant the most of the requested scopes. */
function bestSuited(
  users: readonly LocalUser[],
  requested: readonly string[],
): LocalUser | undefined {
  const grantable = ({ scopes }: LocalUser) =>
    requested.filter((scope) => scopes.includes(scope)).length;
  return users.toSorted((one, other) => grantable(other) - grantable(one))[0];
}

function userButton(user: LocalUser, requested: readonly string[], isSuggested: boolean): string {
  return `<li><button class="user${isSuggested ? ' suggested" autofocus' : '"'} name="login" value="${escapeHtml(user.name)}">
<strong>${escapeHtml(user.displayName)}</strong>
<span class="scopes">${describeScopes(user, requested)}</span>
<span class="arrow" aria-hidden="true">→</span>
</button></li>`;
}

function describeScopes({ scopes }: LocalUser, requested: readonly string[]): string {
  if (requested.length === 0) {
    return `<span>has ${scopes.length === 0 ? 'no scopes' : listScopes(scopes)}</span>`;
  }
  const granted = requested.filter((scope) => scopes.includes(scope));
  const others = requested.filter((scope) => !scopes.includes(scope));
  return [
    granted.length > 0 ? `<span>can grant ${listScopes(granted)}</span>` : '',
    others.length > 0 ? `<span>cannot grant ${listScopes(others)}</span>` : '',
  ].join('\n');
}

function listScopes(scopes: readonly string[]): string {
  const listed = scopes.slice(0, maxListedScopes).map(chip).join(' ');
  const left = scopes.length - maxListedScopes;
  return left > 0 ? `${listed} and ${left} more` : listed;
}

function chip(text: string): string {
  return `<code>${escapeHtml(text)}</code>`;
}
