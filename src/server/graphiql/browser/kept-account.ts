import type { User, UserManager } from 'oidc-client-ts';
import type { Account, Scheme, SessionSettings } from './session.ts';
import { decodeToken, scopesOf } from './token.ts';
import { createUserManager } from './user-manager.ts';

/** An account that has signed in in this tab, and its tokens. */
export class KeptAccount {
  readonly #settings: SessionSettings;
  readonly #manager: UserManager;
  readonly #onRenewed: (account: KeptAccount) => void;
  #user: User;
  #renewal: Promise<boolean> | undefined;

  constructor(
    settings: SessionSettings,
    user: User,
    onRenewed: (account: KeptAccount) => void,
    manager: UserManager = createUserManager(settings, schemeOf(user)),
  ) {
    this.#settings = settings;
    this.#user = user;
    this.#onRenewed = onRenewed;
    this.#manager = manager;
  }

  get subject(): string {
    return this.#user.profile.sub;
  }

  get scheme(): Scheme {
    return schemeOf(this.#user);
  }

  get isExpired(): boolean {
    return this.#user.expired ?? false;
  }

  /** Seconds until the token expires, by the clock of this computer; undefined if that is unknown. */
  get expiresIn(): number | undefined {
    return this.#user.expires_in;
  }

  /** What an issuer other than the local one suggests this account by. */
  get loginHint(): string {
    const { preferred_username: name, email, sub } = this.#user.profile;
    return email ?? name ?? sub;
  }

  /** The account as the page shows it. */
  describe(): Account {
    const { name, nickname, email, sub } = this.#user.profile;
    const token = decodeToken(this.#user.access_token);
    const { identityScopes } = this.#settings;
    return {
      name: name ?? nickname ?? email ?? sub,
      subject: sub,
      token,
      scopes: token && scopesOf(token).filter((scope) => !identityScopes.includes(scope)),
      expiresAt:
        this.#user.expires_at === undefined ? undefined : new Date(this.#user.expires_at * 1000),
      scheme: this.scheme,
    };
  }

  /** What is stored of it. */
  get user(): User {
    return this.#user;
  }

  /**
   * Renews the token, unless that has happened.
   *
   * @param sent The Authorization header with the token that was sent.
   * @returns Whether there is a newer token.
   */
  async renewAfter(sent: string | null): Promise<boolean> {
    return sent !== this.#authorization || this.renew();
  }

  get #authorization(): string {
    return `${this.scheme} ${this.#user.access_token}`;
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
    if (!this.#user.refresh_token) return false;
    try {
      await this.#manager.storeUser(this.#user);
      const renewed = await this.#manager.signinSilent();
      if (!renewed) return false;
      this.#user = renewed;
      this.#onRenewed(this);
      return true;
    } catch {
      // Whatever failed, a new sign-in is required; the expiry of the token reports it.
      return false;
    }
  }

  /**
   * Adds the access token to the headers of a request for the API, and a DPoP proof if it is bound.
   *
   * @param request What the proof is for.
   * @returns False if there is no key for the proof.
   */
  async authorize(
    headers: Headers,
    {
      method,
      url,
      nonce,
    }: { readonly method: string; readonly url: string; readonly nonce: string | undefined },
  ): Promise<boolean> {
    // A renewal while the proof is made must not change the token.
    const [user, authorization] = [this.#user, this.#authorization];
    if (this.scheme === 'DPoP') {
      const proof = await this.#manager.dpopProof(url, user, method, nonce);
      // Signing out in another tab removes the key.
      if (proof === undefined) return false;
      headers.set('DPoP', proof);
    }
    headers.set('Authorization', authorization);
    return true;
  }

  /** Removes the key of the browser, which other bound accounts would need. */
  async removeKey(): Promise<void> {
    await this.#manager.removeUser();
  }
}

function schemeOf(user: User): Scheme {
  return user.token_type.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
}
