import { createAuthorizedFetch } from './authorized-fetch.js';
import { Bar } from './bar.js';
import { endedNote, explainOutcome, explainSignInFault } from './sentences.js';
import { callbackUrl, Session } from './session.js';
import settings from './settings.js';

/** @import { Wish } from './session.js' */

const { clientId } = settings;
const session =
  clientId === null
    ? undefined
    : new Session({ ...settings, clientId }, (event) => {
        bar.show(session?.person);
        if (session) bar.choose(session.scheme);
        // A token that was renewed changes nothing of what there is to say.
        if (event === 'ended') bar.say(endedNote);
      });
const bar = new Bar(document.querySelector('#bar'), {
  dpop: settings.dpop,
  canSignIn: session !== undefined,
  signIn,
  async signOut() {
    await session?.signOut();
    bar.say(undefined);
  },
  async choose(scheme) {
    if (!session) return;
    const before = session.scheme;
    session.scheme = scheme;
    // A token is bound to a key or it is not: the same person gets another one.
    if (session.person && !(await signIn({ samePerson: true }))) session.scheme = before;
    bar.choose(session.scheme);
  },
});

window.fetch = createAuthorizedFetch({
  fetch: window.fetch.bind(window),
  path: new URL(settings.endpoint).pathname,
  session,
  report: (outcome) => bar.say(explainOutcome(outcome, settings)),
});

if (session) {
  bar.choose(session.scheme);
} else {
  bar.say({
    sentence:
      'To sign in here, set GRAPHIQL_CLIENT_ID to the ID of a single-page application at the issuer.',
  });
}

/**
 * @param {Wish} wish
 * @returns {Promise<boolean>} Whether somebody is signed in by it.
 */
async function signIn(wish) {
  if (!session) return false;
  const cancel = new AbortController();
  bar.wait(() => cancel.abort('The sign-in was aborted'));
  /** @type {{ sentence: string } | undefined} */
  let note;
  try {
    await session.signIn(wish, cancel.signal);
  } catch (fault) {
    note = { sentence: explainSignInFault(fault, settings, callbackUrl()) };
  }
  bar.wait(undefined);
  bar.say(note);
  return note === undefined;
}
