import type { Fetcher } from '@graphiql/toolkit';
import type { PageSettings } from '../page-settings.ts';
import { type AccessClient, createAccessClient } from './access/access-client.ts';
import { createAuthorizedFetch } from './authorized-fetch.ts';
import { createFetcher } from './fetcher.ts';
import {
  type AskedSignIn,
  describeOutcome,
  describeSignInError,
  type Message,
  sessionExpiredMessage,
} from './messages.ts';
import { PageStore } from './page-state.ts';
import { describeNext, operationKind, type RefusedOperation } from './run-as/refused-operation.ts';
import { type Scheme, Session, type SignInRequest } from './session.ts';
import { callbackUrl } from './user-manager.ts';

/** What the parts of the page work with, besides React. */
export interface Page {
  readonly settings: PageSettings;
  readonly store: PageStore;
  /** Undefined if no one can sign in. */
  readonly session: Session | undefined;
  readonly fetcher: Fetcher;
  readonly access: AccessClient;
  /**
   * Signs in, in a popup, because something was refused, and shows what prevented it. Then a refused
   * query runs again, and a refused mutation is offered to be run again.
   *
   * @returns Whether it succeeded.
   */
  signIn(request: SignInRequest): Promise<boolean>;
  /** Continues as an account of this tab, as a test user, or signed out; by default, the issuer asks who. */
  runAs(who: 'signed out' | 'another' | { readonly user: string }): Promise<void>;
  /**
   * Signs in test users of the local issuer, in one popup. The current account stays.
   *
   * @returns Whether it succeeded.
   */
  signInUsers(users: readonly string[]): Promise<boolean>;
  /** Removes the current account and its tokens. */
  signOut(): Promise<void>;
  selectScheme(scheme: Scheme): Promise<void>;
}

const waitingMessage: Message = { text: 'Continue in the sign-in window.' };

export function createPage(settings: PageSettings): Page {
  const { clientId } = settings;
  const store = new PageStore();
  let refused: RefusedOperation | undefined;
  let asked: AskedSignIn | undefined;
  const session = clientId === null ? undefined : new Session({ ...settings, clientId }, onChange);
  if (session) {
    const { account, accounts, scheme } = session;
    store.set({ account, accounts, scheme });
  } else {
    store.set({
      message: {
        text: 'To sign in here, set GRAPHIQL_CLIENT_ID to the ID of a single-page application at the issuer.',
      },
    });
  }
  const authorizedFetch = createAuthorizedFetch({
    fetch: window.fetch.bind(window),
    tokens: session,
  });
  const { fetcher, stop } = createFetcher({
    path: new URL(settings.endpoint).pathname,
    authorizedFetch,
    report: (exchange, outcome) => {
      const { problem, credentials } = outcome;
      const { request } = exchange;
      refused =
        problem && credentials !== 'header' ? { request, kind: operationKind(request) } : undefined;
      store.set({
        exchange: {
          ...exchange,
          account: credentials === 'session' ? session?.account : undefined,
        },
        message: describeOutcome(outcome, settings, asked),
      });
    },
  });

  function onChange(event: 'changed' | 'expired'): void {
    const { account: before } = store.get();
    const account = session?.account;
    if (account?.subject !== before?.subject) {
      // What runs, and what is shown, belongs to the account before.
      const [stopped] = stop();
      const interrupted = stopped && { request: stopped, kind: operationKind(stopped) };
      // After an expiry, the same account is expected to sign in again, and to continue.
      refused = event === 'expired' ? (refused ?? interrupted) : undefined;
      asked = undefined;
      const text = `Stopped what was running ${before ? `as ${before.name}` : 'signed out'}.`;
      store.set({
        exchange: undefined,
        verdicts: undefined,
        runAgain: undefined,
        message: stopped ? { text } : undefined,
      });
    }
    store.set({
      account,
      accounts: session?.accounts ?? [],
      ...(session ? { scheme: session.scheme } : {}),
    });
    // A renewal keeps the current message.
    if (event === 'expired') store.set({ message: sessionExpiredMessage });
  }

  /** Shows that a sign-in is in progress, and what prevented it. There is one at a time. */
  async function waitFor(signIn: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    if (store.get().cancelSignIn) return false;
    const cancel = new AbortController();
    store.set({
      cancelSignIn: () => cancel.abort('The sign-in was aborted'),
      message: waitingMessage,
    });
    let failure: Message | undefined;
    try {
      await signIn(cancel.signal);
    } catch (error) {
      failure = { text: describeSignInError(error, settings, callbackUrl()) };
    }
    // What a change of the account led to stays.
    const { message } = store.get();
    store.set({
      cancelSignIn: undefined,
      message: failure ?? (message === waitingMessage ? undefined : message),
    });
    return failure === undefined;
  }

  /** Makes an account of this tab current, or signs in. */
  async function change(request: SignInRequest): Promise<boolean> {
    if (!session) return false;
    const { user } = request;
    if (user !== undefined && (await session.select(user))) return true;
    return waitFor((signal) => session.signIn(request, signal));
  }

  return {
    settings,
    store,
    session,
    fetcher,
    access: createAccessClient({
      authorizedFetch,
      base: document.baseURI,
      endpoint: settings.endpoint,
    }),
    async signIn(request) {
      const operation = refused;
      if (!(await change(request))) return false;
      const account = session?.account;
      if (!account) return true;
      asked = { account, request };
      if (operation) store.set(describeNext(operation, asked, settings));
      return true;
    },
    async runAs(who) {
      if (who === 'signed out') await session?.select(undefined);
      else await change(who === 'another' ? {} : who);
    },
    async signInUsers(users) {
      return session ? waitFor((signal) => session.signInUsers(users, signal)) : false;
    },
    async signOut() {
      store.set({ message: undefined });
      await session?.signOut();
    },
    async selectScheme(scheme) {
      if (!session) return;
      const before = session.scheme;
      session.scheme = scheme;
      store.set({ scheme });
      // A token cannot be bound to a key later: the account needs a new one.
      if (session.account && !(await change({ keepAccount: true }))) session.scheme = before;
      store.set({ scheme: session.scheme });
    },
  };
}
