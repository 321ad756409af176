import type { User } from 'oidc-client-ts';
import type { SignInSettings } from '../sign-in-settings.ts';
import type { TokenSource } from './authorized-fetch.ts';
import { KeptAccount } from './kept-account.ts';
import { readAccounts, storeAccounts } from './stored-accounts.ts';
import type { DecodedToken } from './token.ts';
import { closePopup, createUserManager, isStepUp, signInByPopup } from './user-manager.ts';

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
  /** The test user to sign in. The local issuer does it without a prompt. */
  readonly user?: string;
}

/** An account that has signed in, as the page shows it. */
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

/**
 * The accounts that have signed in in this tab, one of which is current, or none. Their tokens stay
 * here and in the tab's session storage.
 */
export class Session implements TokenSource {
  readonly #settings: SessionSettings;
  readonly #onChange: (event: 'changed' | 'expired') => void;
  readonly #accounts = new Map<string, KeptAccount>();
  #current: KeptAccount | undefined;
  /** The number of the last choice of an account, or of none. */
  #choice = 0;
  /** Whose token expired last, if no one has become current since. */
  #expired: KeptAccount | undefined;
  #scheme: Scheme;
  #timer: number | undefined;
  /** The latest nonce of the API (RFC 9449 §8). */
  #nonce: string | undefined;

  /**
   * @param onChange Called on every change after the construction; with `expired` if the token of the
   *   current account has expired and could not be renewed, so that no one is signed in.
   */
  constructor(settings: SessionSettings, onChange: (event: 'changed' | 'expired') => void) {
    this.#settings = settings;
    this.#onChange = onChange;
    this.#scheme = settings.dpop === 'required' ? 'DPoP' : 'Bearer';
    this.#restore();
  }

  /** How tokens are sent after the next sign-in. */
  get scheme(): Scheme {
    return this.#scheme;
  }

  set scheme(scheme: Scheme) {
    this.#scheme = scheme;
  }

  /** The current account. */
  get account(): Account | undefined {
    return this.#current?.describe();
  }

  /** All accounts of this tab, in the order of their first sign-in. */
  get accounts(): readonly Account[] {
    return [...this.#accounts.values()].map((account) => account.describe());
  }

  /** Restores the accounts of this tab after a reload. */
  #restore(): void {
    const { current, users } = readAccounts();
    for (const user of users) this.#keep(user);
    this.#setCurrent(current === undefined ? undefined : this.#accounts.get(current));
  }

  #keep(user: User, manager?: ReturnType<typeof createUserManager>): KeptAccount {
    const account = new KeptAccount(
      this.#settings,
      user,
      (renewed) => {
        if (this.#accounts.get(renewed.subject) !== renewed) return;
        if (renewed === this.#current) this.#scheduleRenewal(renewed);
        this.#changed();
      },
      manager,
    );
    this.#accounts.set(account.subject, account);
    return account;
  }

  #setCurrent(account: KeptAccount | undefined): void {
    this.#current = account;
    this.#expired = undefined;
    if (account) this.#scheme = account.scheme;
    clearTimeout(this.#timer);
    if (account) this.#scheduleRenewal(account);
  }

  #changed(event: 'changed' | 'expired' = 'changed'): void {
    const users = [...this.#accounts.values()].map(({ user }) => user);
    storeAccounts({ current: this.#current?.subject, users });
    this.#onChange(event);
  }

  /** Renews the token before it expires, or reports that it has expired. */
  #scheduleRenewal(account: KeptAccount): void {
    const left = account.expiresIn ?? maxTimer;
    const after = Math.min(Math.max(left - renewalMargin, left / 2, 0), maxTimer);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(async () => {
      if (await account.renew()) return;
      if (this.#current !== account) return;
      this.#timer = window.setTimeout(
        () => this.#expire(account),
        (account.expiresIn ?? maxTimer) * 1000,
      );
    }, after * 1000);
  }

  async #expire(account: KeptAccount): Promise<void> {
    if (account !== this.#current) return this.#remove(account);
    await this.#remove(account, 'expired');
    this.#expired = account;
  }

  /**
   * Makes an account of this tab current, or none.
   *
   * @returns False if the account has to sign in.
   */
  async select(subject: string | undefined): Promise<boolean> {
    const choice = this.#choose();
    const account = subject === undefined ? undefined : this.#accounts.get(subject);
    if (subject !== undefined && !account) return false;
    const isUsable = !account?.isExpired || (await account.renew());
    // Another choice has been made since.
    if (choice !== this.#choice) return true;
    if (!isUsable) return false;
    this.#setCurrent(account);
    this.#changed();
    return true;
  }

  /**
   * Signs in, in a popup, and makes the account current.
   *
   * @param signal Cancels the sign-in.
   * @throws The error of oidc-client-ts; see `describeSignInError`.
   */
  async signIn(request: SignInRequest, signal: AbortSignal): Promise<void> {
    const account = await this.#signInWith(request, signal);
    this.#choose();
    this.#setCurrent(account);
    this.#changed();
  }

  #choose(): number {
    this.#choice += 1;
    return this.#choice;
  }

  /**
   * Signs in test users of the local issuer, one after the other in one popup, because browsers block
   * a second one. The current account stays.
   *
   * @param signal Cancels the sign-ins.
   * @throws The error of oidc-client-ts. Who signed in before it stays signed in.
   */
  async signInUsers(users: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      for (const [index, user] of users.entries()) {
        await this.#signInWith({ user }, signal, index < users.length - 1);
        this.#changed();
      }
    } catch (error) {
      closePopup();
      throw error;
    }
  }

  async #signInWith(
    request: SignInRequest,
    signal: AbortSignal,
    keepsOpen = false,
  ): Promise<KeptAccount> {
    const isSame = request.keepAccount || isStepUp(request);
    const former = isSame ? (this.#current ?? this.#expired) : undefined;
    const hint = request.user ?? this.#hintOf(former);
    const manager = createUserManager(this.#settings, this.#scheme);
    const user = await signInByPopup(manager, this.#settings, request, { hint, signal, keepsOpen });
    return this.#keep(user, manager);
  }

  #hintOf(account: KeptAccount | undefined): string | undefined {
    if (!account) return undefined;
    const { testUsers } = this.#settings;
    const isTestUser = testUsers.some(({ name }) => name === account.subject);
    return isTestUser ? account.subject : account.loginHint;
  }

  /** Removes the current account and its tokens. Other accounts stay. */
  async signOut(): Promise<void> {
    this.#choose();
    if (this.#current) await this.#remove(this.#current);
  }

  async #remove(account: KeptAccount, event?: 'expired'): Promise<void> {
    if (this.#accounts.get(account.subject) === account) this.#accounts.delete(account.subject);
    if (this.#current === account) this.#setCurrent(undefined);
    this.#changed(event);
    const isKeyUsed = [...this.#accounts.values()].some(({ scheme }) => scheme === 'DPoP');
    if (!isKeyUsed) this.#nonce = undefined;
    if (account.scheme === 'DPoP' && !isKeyUsed) await account.removeKey();
  }

  /** The tokens of an account of this tab, whether or not it is current. */
  tokensOf(subject: string): TokenSource {
    return {
      authorize: (headers, method, url) =>
        this.#authorize(this.#accounts.get(subject), headers, method, url),
      renew: async (sent) => (await this.#accounts.get(subject)?.renewAfter(sent)) ?? false,
      rememberNonce: (headers) => this.rememberNonce(headers),
    };
  }

  async authorize(headers: Headers, method: string, url?: string): Promise<boolean> {
    return this.#authorize(this.#current, headers, method, url);
  }

  async #authorize(
    account: KeptAccount | undefined,
    headers: Headers,
    method: string,
    url = this.#settings.endpoint,
  ): Promise<boolean> {
    if (!account) return false;
    // A timer can be late, for example after a computer has slept.
    if (account.isExpired && !(await account.renew())) {
      await this.#expire(account);
      return false;
    }
    return account.authorize(headers, { method, url, nonce: this.#nonce });
  }

  async renew(sent: string | null): Promise<boolean> {
    return (await this.#current?.renewAfter(sent)) ?? false;
  }

  rememberNonce(headers: Headers): void {
    this.#nonce = headers.get('DPoP-Nonce') ?? this.#nonce;
  }
}
