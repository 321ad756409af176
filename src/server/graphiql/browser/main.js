import { createAuthorizedFetch } from './authorized-fetch.js';
import { Bar } from './bar.js';
import { describeOutcome, describeSignInError, sessionExpiredMessage } from './messages.js';
import { callbackUrl, Session } from './session.js';
import settings from './settings.js';

/** @import { Message } from './messages.js' */
/** @import { SignInRequest } from './session.js' */

const { clientId } = settings;
const session =
  clientId === null
    ? undefined
    : new Session({ ...settings, clientId }, (event) => {
        bar.showAccount(session?.account);
        if (session) bar.selectScheme(session.scheme);
        // A renewal keeps the current message.
        if (event === 'expired') bar.showMessage(sessionExpiredMessage);
      });
const bar = new Bar(document.querySelector('#bar'), {
  dpop: settings.dpop,
  canSignIn: session !== undefined,
  signIn,
  async signOut() {
    await session?.signOut();
    bar.showMessage(undefined);
  },
  async selectScheme(scheme) {
    if (!session) return;
    const before = session.scheme;
    session.scheme = scheme;
    // A token cannot be bound to a key later: the account needs a new one.
    if (session.account && !(await signIn({ keepAccount: true }))) session.scheme = before;
    bar.selectScheme(session.scheme);
  },
});

window.fetch = createAuthorizedFetch({
  fetch: window.fetch.bind(window),
  path: new URL(settings.endpoint).pathname,
  session,
  report: (outcome) => bar.showMessage(describeOutcome(outcome, settings)),
});

// GraphiQL drags tabs from an offset that is wrong once the list of tabs has been resized: a click of an
// unsteady hand would reorder them.
document.querySelector('#root')?.addEventListener(
  'pointerdown',
  (event) => {
    if (event.target instanceof Element && event.target.closest('.graphiql-tab')) {
      event.stopPropagation();
    }
  },
  { capture: true },
);

if (session) {
  bar.selectScheme(session.scheme);
} else {
  bar.showMessage({
    text: 'To sign in here, set GRAPHIQL_CLIENT_ID to the ID of a single-page application at the issuer.',
  });
}

/**
 * @param {SignInRequest} request
 * @returns {Promise<boolean>} Whether it succeeded.
 */
async function signIn(request) {
  if (!session) return false;
  const cancel = new AbortController();
  bar.setWaiting(() => cancel.abort('The sign-in was aborted'));
  /** @type {Message | undefined} */
  let message;
  try {
    await session.signIn(request, cancel.signal);
  } catch (error) {
    message = { text: describeSignInError(error, settings, callbackUrl()) };
  }
  bar.setWaiting(undefined);
  bar.showMessage(message);
  return message === undefined;
}
