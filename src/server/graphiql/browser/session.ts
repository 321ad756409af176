import { IndexedDbDPoPStore, type User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import type { SignInSettings } from '../sign-in-settings.ts';
import { type DecodedToken, decodeToken, scopesOf } from './token.ts';

/** How an access token is sent: as a Bearer token, or bound to a key and with a proof. */
export type Scheme = 'Bearer' | 'DPoP';

/** Options for a sign-in. */
export interface SignInRequest {
  /** Beside those that are always requested. */
  readonly scopes?: readonly string[];
  /** Acceptable authentication context classes. */
  readonly acr?: readonly string[];
  /** Maximum age of the authentication, in seconds. */
  readonly maxAge?: number;
  /**
   * Whether to use the issuer's session, without a prompt. Default false: the issuer asks who is
   * signing in.
   */
  readonly keepAccount?: boolean;
}

/** The signed-in account, as the bar shows it. */
export interface Account {
  readonly name: string;
  /** The claim `sub`, which is the login name of a test user. */
  readonly subject: string;
  /** Undefined if the token is not a JWT. */
  readonly token: DecodedToken | undefined;
  /** Those of the token; undefined if they are unknown. */
  readonly scopes: readonly string[] | undefined;
  readonly expiresAt: Date | undefined;
  readonly scheme: Scheme;
}

/** The settings of a page on which users can sign in. */
export type SessionSettings = SignInSettings & { readonly clientId: string };

/** Seconds before its expiry when a token is renewed, or half of the remaining lifetime if that is less. */
const renewalMargin = 60;

/** The longest delay of a timer, in seconds. */
const maxTimer = 2 ** 31 / 1000 - 1;

/** The signed-in account and its access token. Tokens stay here and in the tab's session storage. */
export class Session {
  readonly #settings: SessionSettings;
  readonly #onChange: (event: 'changed' | 'expired') => void;
  readonly #managers: Readonly<Record<Scheme, UserManager>>;
  #scheme: Scheme;
  #user: User | null = null;
  #renewal: Promise<boolean> | undefined;
  #timer: number | undefined;
  readonly #restored: Promise<void>;
  /** The latest nonce of the API (RFC 9449 §8). */
  #nonce: string | undefined;

  /**
   * @param onChange Called on every change, and when a token has expired and could not be renewed.
   */
  constructor(settings: SessionSettings, onChange: (event: 'changed' | 'expired') => void) {
    this.#settings = settings;
    this.#onChange = onChange;
    this.#scheme = settings.dpop === 'required' ? 'DPoP' : 'Bearer';
    this.#managers = { Bearer: createManager(settings), DPoP: createManager(settings, true) };
    this.#restored = this.#restore();
  }

  /** How tokens are sent after the next sign-in. */
  get scheme(): Scheme {
    return this.#scheme;
  }

  set scheme(scheme: Scheme) {
    this.#scheme = scheme;
  }

  get account(): Account | undefined {
    const user = this.#user;
    if (!user) return undefined;
    const { name, nickname, email, sub } = user.profile;
    const { identityScopes } = this.#settings;
    const token = decodeToken(user.access_token);
    return {
      name: name ?? nickname ?? email ?? sub,
      subject: sub,
      token,
      scopes: token && scopesOf(token).filter((scope) => !identityScopes.includes(scope)),
      expiresAt: user.expires_at === undefined ? undefined : new Date(user.expires_at * 1000),
      scheme: schemeOf(user),
    };
  }

  /** Restores the session of this tab after a reload. */
  async #restore(): Promise<void> {
    // Both managers share the storage of the user.
    const stored = await this.#managers.Bearer.getUser();
    if (!stored) return;
    this.#scheme = schemeOf(stored);
    this.#setUser(stored);
  }

  #setUser(user: User | null): void {
    this.#user = user;
    clearTimeout(this.#timer);
    if (user) this.#scheduleRenewal(user);
    this.#onChange('changed');
  }

  /** Renews the token before it expires, or reports that it has expired. */
  #scheduleRenewal(user: User): void {
    const left = user.expires_in ?? maxTimer;
    const after = Math.min(Math.max(left - renewalMargin, left / 2, 0), maxTimer);
    this.#timer = window.setTimeout(async () => {
      if (await this.renew()) return;
      if (this.#user !== user) return;
      this.#timer = window.setTimeout(() => this.#expire(), (user.expires_in ?? maxTimer) * 1000);
    }, after * 1000);
  }

  async #expire(): Promise<void> {
    await this.signOut();
    this.#onChange('expired');
  }

  /**
   * Signs in, in a popup.
   *
   * @param signal Cancels the sign-in.
   * @throws The error of oidc-client-ts; see `describeSignInError`.
   */
  async signIn(request: SignInRequest, signal: AbortSignal): Promise<void> {
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
  async signOut(): Promise<void> {
    this.#nonce = undefined;
    this.#setUser(null);
    await Promise.all(Object.values(this.#managers).map((manager) => manager.removeUser()));
  }

  /**
   * Renews the access token by the refresh token. Concurrent calls share one renewal.
   *
   * @returns Whether there is a new token.
   */
  renew(): Promise<boolean> {
    this.#renewal ??= this.#renewNow().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renewNow(): Promise<boolean> {
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
   * @returns False without a session, or if the token has expired.
   */
  async authorize(headers: Headers, method: string): Promise<boolean> {
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
   * @param headers Of a response.
   */
  rememberNonce(headers: Headers): void {
    this.#nonce = headers.get('DPoP-Nonce') ?? this.#nonce;
  }
}

/** @param isBound Whether to bind tokens to a key of this browser. */
function createManager(
  { issuer, metadataUrl, clientId }: SessionSettings,
  isBound = false,
): UserManager {
  return new UserManager({
    authority: issuer,
    ...(metadataUrl === null ? {} : { metadataUrl }),
    client_id: clientId,
    redirect_uri: callbackUrl(),
    popup_redirect_uri: callbackUrl(),
    response_type: 'code',
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: false,
    ...(isBound
      ? { dpop: { bind_authorization_code: false, store: new IndexedDbDPoPStore() } }
      : {}),
  });
}

/** The redirect URI, which must be registered at the issuer. */
export function callbackUrl(): string {
  return new URL('graphiql/callback', document.baseURI).href;
}

function schemeOf(user: User): Scheme {
  return user.token_type.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
}
