/** @import { User } from 'oidc-client-ts' */
/** @import { SignInSettings } from '../sign-in-settings.ts' */

/**
 * How an access token is sent: as a Bearer token, or bound to a key and with a proof.
 *
 * @typedef {'Bearer' | 'DPoP'} Scheme
 */

/**
 * Options for a sign-in.
 *
 * @typedef {object} SignInRequest
 * @property {readonly string[]} [scopes] Beside those that are always requested.
 * @property {readonly string[]} [acr] Acceptable authentication context classes.
 * @property {number} [maxAge] Maximum age of the authentication, in seconds.
 * @property {boolean} [keepAccount] Whether to use the issuer's session, without a prompt. Default
 *   false: the issuer asks who is signing in.
 */

/**
 * The signed-in account, as the bar shows it.
 *
 * @typedef {object} Account
 * @property {string} name
 * @property {readonly string[] | undefined} scopes Those of the token; undefined if they are unknown.
 * @property {Date | undefined} expiresAt
 * @property {Scheme} scheme
 */

/** Seconds before its expiry when a token is renewed, or half of the remaining lifetime if that is less. */
const renewalMargin = 60;

/** The longest delay of a timer, in seconds. */
const maxTimer = 2 ** 31 / 1000 - 1;

/** The signed-in account and its access token. Tokens stay here and in the tab's session storage. */
export class Session {
  #settings;
  #onChange;
  /** @type {Record<Scheme, InstanceType<typeof oidc.UserManager>>} */
  #managers;
  /** @type {Scheme} */
  #scheme;
  /** @type {User | null} */
  #user = null;
  /** @type {Promise<boolean> | undefined} */
  #renewal;
  /** @type {number | undefined} */
  #timer;
  /** @type {Promise<void>} */
  #restored;
  /** The latest nonce of the API (RFC 9449 §8).
   * @type {string | undefined} */
  #nonce;

  /**
   * @param {SignInSettings & { readonly clientId: string }} settings
   * @param {(event: 'changed' | 'expired') => void} onChange Called on every change, and when a token
   *   has expired and could not be renewed.
   */
  constructor(settings, onChange) {
    this.#settings = settings;
    this.#onChange = onChange;
    this.#scheme = settings.dpop === 'required' ? 'DPoP' : 'Bearer';
    this.#managers = { Bearer: createManager(settings), DPoP: createManager(settings, true) };
    this.#restored = this.#restore();
  }

  /** How tokens are sent after the next sign-in. */
  get scheme() {
    return this.#scheme;
  }

  set scheme(scheme) {
    this.#scheme = scheme;
  }

  /** @returns {Account | undefined} */
  get account() {
    const user = this.#user;
    if (!user) return undefined;
    const { name, nickname, email, sub } = user.profile;
    const { identityScopes } = this.#settings;
    return {
      name: name ?? nickname ?? email ?? sub,
      scopes: readScopes(user.access_token)?.filter((scope) => !identityScopes.includes(scope)),
      expiresAt: user.expires_at === undefined ? undefined : new Date(user.expires_at * 1000),
      scheme: schemeOf(user),
    };
  }

  /** Restores the session of this tab after a reload. */
  async #restore() {
    // Both managers share the storage of the user.
    const stored = await this.#managers.Bearer.getUser();
    if (!stored) return;
    this.#scheme = schemeOf(stored);
    this.#setUser(stored);
  }

  /** @param {User | null} user */
  #setUser(user) {
    this.#user = user;
    clearTimeout(this.#timer);
    if (user) this.#scheduleRenewal(user);
    this.#onChange('changed');
  }

  /**
   * Renews the token before it expires, or reports that it has expired.
   *
   * @param {User} user
   */
  #scheduleRenewal(user) {
    const left = user.expires_in ?? maxTimer;
    const after = Math.min(Math.max(left - renewalMargin, left / 2, 0), maxTimer);
    this.#timer = window.setTimeout(async () => {
      if (await this.renew()) return;
      if (this.#user !== user) return;
      this.#timer = window.setTimeout(() => this.#expire(), (user.expires_in ?? maxTimer) * 1000);
    }, after * 1000);
  }

  async #expire() {
    await this.signOut();
    this.#onChange('expired');
  }

  /**
   * Signs in, in a popup.
   *
   * @param {SignInRequest} request
   * @param {AbortSignal} signal Cancels the sign-in.
   * @throws The error of oidc-client-ts; see `describeSignInError`.
   */
  async signIn(request, signal) {
    const { audience, identityScopes, scopes } = this.#settings;
    const requested = new Set([...identityScopes, ...scopes, ...(request.scopes ?? [])]);
    const user = await this.#managers[this.#scheme].signinPopup({
      scope: [...requested].join(' '),
      ...(request.keepAccount ? {} : { prompt: 'login' }),
      ...(request.acr ? { acr_values: request.acr.join(' ') } : {}),
      ...(request.maxAge === undefined ? {} : { max_age: request.maxAge }),
      ...(audience === null ? {} : { extraQueryParams: { audience } }),
      popupAbortOnClose: true,
      popupSignal: signal,
      popupWindowTarget: 'graphiql-sign-in',
      popupWindowFeatures: { width: 520, height: 720 },
    });
    this.#setUser(user);
  }

  /** Removes the account, the tokens and the key. */
  async signOut() {
    this.#nonce = undefined;
    this.#setUser(null);
    await Promise.all(Object.values(this.#managers).map((manager) => manager.removeUser()));
  }

  /**
   * Renews the access token by the refresh token. Concurrent calls share one renewal.
   *
   * @returns {Promise<boolean>} Whether there is a new token.
   */
  renew() {
    this.#renewal ??= this.#renewNow().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renewNow() {
    const before = this.#user;
    if (!before?.refresh_token) return false;
    try {
      const renewed = await this.#managers[schemeOf(before)].signinSilent();
      // Keep a sign-in or sign-out that happened meanwhile.
      if (this.#user !== before || !renewed) return this.#user !== null;
      this.#setUser(renewed);
      return true;
    } catch {
      // Whatever failed, a new sign-in is required; the expiry of the token reports it.
      return false;
    }
  }

  /**
   * Adds the access token to the headers of a request for the API, and a DPoP proof if it is bound.
   *
   * @param {Headers} headers
   * @param {string} method
   * @returns {Promise<boolean>} False without a session, or if the token has expired.
   */
  async authorize(headers, method) {
    await this.#restored;
    // A timer can be late, for example after a computer has slept.
    if (this.#user?.expired && !(await this.renew())) await this.#expire();
    const user = this.#user;
    if (!user) return false;
    const scheme = schemeOf(user);
    if (scheme === 'DPoP') {
      const { endpoint } = this.#settings;
      const proof = await this.#managers.DPoP.dpopProof(endpoint, user, method, this.#nonce);
      // Signing out in another tab removes the key.
      if (proof === undefined) return false;
      headers.set('DPoP', proof);
    }
    headers.set('Authorization', `${scheme} ${user.access_token}`);
    return true;
  }

  /**
   * Remembers the nonce for the next proof.
   *
   * @param {Headers} headers Of a response.
   */
  rememberNonce(headers) {
    this.#nonce = headers.get('DPoP-Nonce') ?? this.#nonce;
  }
}

/**
 * @param {SignInSettings & { readonly clientId: string }} settings
 * @param {boolean} [isBound] Whether to bind tokens to a key of this browser.
 */
function createManager({ issuer, metadataUrl, clientId }, isBound = false) {
  return new oidc.UserManager({
    authority: issuer,
    ...(metadataUrl === null ? {} : { metadataUrl }),
    client_id: clientId,
    redirect_uri: callbackUrl(),
    popup_redirect_uri: callbackUrl(),
    response_type: 'code',
    userStore: new oidc.WebStorageStateStore({ store: sessionStorage }),
    stateStore: new oidc.WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: false,
    ...(isBound
      ? { dpop: { bind_authorization_code: false, store: new oidc.IndexedDbDPoPStore() } }
      : {}),
  });
}

/** The redirect URI, which must be registered at the issuer. */
export function callbackUrl() {
  return new URL('callback', import.meta.url).href;
}

/**
 * @param {User} user
 * @returns {Scheme}
 */
function schemeOf(user) {
  return user.token_type.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
}

/**
 * The scopes of an access token, from `scope`, `scp` and `permissions` like in the API. Nothing else is
 * read, and nothing is verified.
 *
 * @param {string} token
 * @returns {readonly string[] | undefined} Sorted; undefined if the token is not a JWT.
 */
function readScopes(token) {
  try {
    const [, payload = ''] = token.split('.');
    const bytes = Uint8Array.from(
      atob(payload.replaceAll('-', '+').replaceAll('_', '/')),
      (character) => character.charCodeAt(0),
    );
    const { scope, scp, permissions } = JSON.parse(new TextDecoder().decode(bytes));
    return [...new Set([scope, scp, permissions].flatMap(toWords))].sort();
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} claim
 * @returns {string[]}
 */
function toWords(claim) {
  if (typeof claim === 'string') return claim.split(' ').filter(Boolean);
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : [];
}
