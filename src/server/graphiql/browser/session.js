import { scopesOf } from './access-token.js';

/** @import { User } from 'oidc-client-ts' */
/** @import { SignInSettings } from '../sign-in-settings.ts' */

/**
 * How an access token is sent: as it is, or with proof of the key that it is bound to.
 *
 * @typedef {'Bearer' | 'DPoP'} Scheme
 */

/**
 * What a sign-in is to bring.
 *
 * @typedef {object} Wish
 * @property {readonly string[]} [scopes] Beside those that are always asked for.
 * @property {readonly string[]} [acr] Authentication context classes, any of which will do.
 * @property {number} [maxAge] Seconds since the person authenticated that will do.
 * @property {boolean} [samePerson] Whether the person who is signed in at the issuer is meant, so
 *   that nobody need be asked. Default false: the issuer asks who it is.
 */

/**
 * Who is signed in, as the bar shows it.
 *
 * @typedef {object} Person
 * @property {string} name
 * @property {readonly string[] | undefined} scopes What the token permits; undefined where it cannot
 *   be read.
 * @property {Date | undefined} endsAt
 * @property {Scheme} scheme
 */

/** Scopes that concern the sign-in and not the API. */
const identityScopes = ['openid', 'profile', 'email'];

/** Seconds before the end of a token when it is renewed; half of what is left, where that is less. */
const margin = 60;

/** The longest time that a timer can take, in seconds. */
const longest = 2 ** 31 / 1000 - 1;

/** Who is signed in, and their access token. Tokens stay in here, and in the tab's session storage. */
export class Session {
  #settings;
  #changed;
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
  /** The last nonce that the API gave (RFC 9449 §8).
   * @type {string | undefined} */
  #nonce;

  /**
   * @param {SignInSettings & { readonly clientId: string }} settings
   * @param {(event: 'changed' | 'ended') => void} changed Told of every change, and of a token that
   *   ended and could not be renewed.
   */
  constructor(settings, changed) {
    this.#settings = settings;
    this.#changed = changed;
    this.#scheme = settings.dpop === 'required' ? 'DPoP' : 'Bearer';
    this.#managers = { Bearer: createManager(settings), DPoP: createManager(settings, true) };
    this.#restored = this.#restore();
  }

  /** How tokens are to be sent from the next sign-in on. */
  get scheme() {
    return this.#scheme;
  }

  set scheme(scheme) {
    this.#scheme = scheme;
  }

  /** @returns {Person | undefined} */
  get person() {
    const user = this.#user;
    if (!user) return undefined;
    const { name, nickname, email, sub } = user.profile;
    return {
      name: name ?? nickname ?? email ?? sub,
      scopes: scopesOf(user.access_token)?.filter((scope) => !identityScopes.includes(scope)),
      endsAt: user.expires_at === undefined ? undefined : new Date(user.expires_at * 1000),
      scheme: schemeOf(user),
    };
  }

  /** Takes up the sign-in of this tab, after the page was loaded again. */
  async #restore() {
    // Both managers keep the user in the same place.
    const stored = await this.#managers.Bearer.getUser();
    if (!stored) return;
    this.#scheme = schemeOf(stored);
    this.#take(stored);
  }

  /** @param {User | null} user */
  #take(user) {
    this.#user = user;
    clearTimeout(this.#timer);
    if (user) this.#watch(user);
    this.#changed('changed');
  }

  /**
   * Renews the token before it ends, or tells that it ended.
   *
   * @param {User} user
   */
  #watch(user) {
    const left = user.expires_in ?? longest;
    const after = Math.min(Math.max(left - margin, left / 2, 0), longest);
    this.#timer = window.setTimeout(async () => {
      if (await this.renew()) return;
      if (this.#user !== user) return;
      this.#timer = window.setTimeout(() => this.#end(), (user.expires_in ?? longest) * 1000);
    }, after * 1000);
  }

  async #end() {
    await this.signOut();
    this.#changed('ended');
  }

  /**
   * Signs somebody in, in a window of its own.
   *
   * @param {Wish} wish
   * @param {AbortSignal} signal Gives up.
   * @throws What oidc-client-ts throws; see `explainSignInFault`.
   */
  async signIn(wish, signal) {
    const { audience, scopes } = this.#settings;
    const asked = new Set([...identityScopes, ...scopes, ...(wish.scopes ?? [])]);
    const user = await this.#managers[this.#scheme].signinPopup({
      scope: [...asked].join(' '),
      ...(wish.samePerson ? {} : { prompt: 'login' }),
      ...(wish.acr ? { acr_values: wish.acr.join(' ') } : {}),
      ...(wish.maxAge === undefined ? {} : { max_age: wish.maxAge }),
      extraQueryParams: { audience },
      popupAbortOnClose: true,
      popupSignal: signal,
      popupWindowTarget: 'graphiql-sign-in',
      popupWindowFeatures: { width: 520, height: 720 },
    });
    this.#take(user);
  }

  /** Forgets the person, the tokens and the key. */
  async signOut() {
    this.#nonce = undefined;
    this.#take(null);
    await Promise.all(Object.values(this.#managers).map((manager) => manager.removeUser()));
  }

  /**
   * Gets a new access token by the refresh token, once for all who ask at a time.
   *
   * @returns {Promise<boolean>} Whether there is one.
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
      // Whoever signed out or in meanwhile is not undone.
      if (this.#user !== before || !renewed) return this.#user !== null;
      this.#take(renewed);
      return true;
    } catch {
      // Whatever it was, the person has to sign in again, and is told so when the token ends.
      return false;
    }
  }

  /**
   * Puts the access token into the headers of a request for the API, and what proves its key.
   *
   * @param {Headers} headers
   * @param {string} method
   * @returns {Promise<boolean>} False where nobody is signed in, or the token ended.
   */
  async authorize(headers, method) {
    await this.#restored;
    // A laptop that slept has missed the time.
    if (this.#user?.expired && !(await this.renew())) await this.#end();
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
   * Takes over the nonce that the API wants to see in the next proof.
   *
   * @param {Headers} headers Those of an answer.
   */
  heed(headers) {
    this.#nonce = headers.get('DPoP-Nonce') ?? this.#nonce;
  }
}

/**
 * @param {SignInSettings & { readonly clientId: string }} settings
 * @param {boolean} [binds] Whether tokens are bound to a key of this browser.
 */
function createManager({ issuer, clientId }, binds = false) {
  return new oidc.UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: callbackUrl(),
    popup_redirect_uri: callbackUrl(),
    response_type: 'code',
    userStore: new oidc.WebStorageStateStore({ store: sessionStorage }),
    stateStore: new oidc.WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: false,
    ...(binds
      ? { dpop: { bind_authorization_code: false, store: new oidc.IndexedDbDPoPStore() } }
      : {}),
  });
}

/** Where the issuer leads back to; it must be registered there. */
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
