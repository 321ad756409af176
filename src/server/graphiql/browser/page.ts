import type { Fetcher } from '@graphiql/toolkit';
import type { PageSettings } from '../page-settings.ts';
import { createAuthorizedFetch } from './authorized-fetch.ts';
import { createFetcher } from './fetcher.ts';
import {
  describeOutcome,
  describeSignInError,
  type Message,
  sessionExpiredMessage,
} from './messages.ts';
import { PageStore } from './page-state.ts';
import { callbackUrl, type Scheme, Session, type SignInRequest } from './session.ts';

/** What the parts of the page work with, besides React. */
export interface Page {
  readonly settings: PageSettings;
  readonly store: PageStore;
  /** Undefined if no one can sign in. */
  readonly session: Session | undefined;
  readonly fetcher: Fetcher;
  /**
   * Signs in, in a popup, and shows what prevented it.
   *
   * @returns Whether it succeeded.
   */
  signIn(request: SignInRequest): Promise<boolean>;
  signOut(): Promise<void>;
  selectScheme(scheme: Scheme): Promise<void>;
}

export function createPage(settings: PageSettings): Page {
  const { clientId } = settings;
  const store = new PageStore();
  const session =
    clientId === null
      ? undefined
      : new Session({ ...settings, clientId }, (event) => {
          store.set({ account: session?.account, ...(session ? { scheme: session.scheme } : {}) });
          // A renewal keeps the current message.
          if (event === 'expired') store.set({ message: sessionExpiredMessage });
        });
  if (session) {
    store.set({ scheme: session.scheme });
  } else {
    store.set({
      message: {
        text: 'To sign in here, set GRAPHIQL_CLIENT_ID to the ID of a single-page application at the issuer.',
      },
    });
  }

  async function signIn(request: SignInRequest): Promise<boolean> {
    if (!session) return false;
    const cancel = new AbortController();
    store.set({
      cancelSignIn: () => cancel.abort('The sign-in was aborted'),
      message: { text: 'Continue in the sign-in window.' },
    });
    let message: Message | undefined;
    try {
      await session.signIn(request, cancel.signal);
    } catch (error) {
      message = { text: describeSignInError(error, settings, callbackUrl()) };
    }
    store.set({ cancelSignIn: undefined, message });
    return message === undefined;
  }

  return {
    settings,
    store,
    session,
    fetcher: createFetcher({
      path: new URL(settings.endpoint).pathname,
      authorizedFetch: createAuthorizedFetch({ fetch: window.fetch.bind(window), session }),
      report: (exchange, outcome) =>
        store.set({
          exchange: {
            ...exchange,
            account: exchange.credentials === 'session' ? session?.account : undefined,
          },
          message: describeOutcome(outcome, settings),
        }),
    }),
    signIn,
    async signOut() {
      await session?.signOut();
      store.set({ message: undefined });
    },
    async selectScheme(scheme) {
      if (!session) return;
      const before = session.scheme;
      session.scheme = scheme;
      store.set({ scheme });
      // A token cannot be bound to a key later: the account needs a new one.
      if (session.account && !(await signIn({ keepAccount: true }))) session.scheme = before;
      store.set({ scheme: session.scheme });
    },
  };
}
