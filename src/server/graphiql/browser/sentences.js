/** @import { Outcome } from './authorized-fetch.js' */
/** @import { Wish } from './session.js' */
/** @import { SignInSettings } from '../sign-in-settings.ts' */

/**
 * What the bar says, and the one thing it offers.
 *
 * @typedef {object} Note
 * @property {string} sentence
 * @property {{ label: string, wish: Wish }} [offer] A sign-in that would mend it.
 */

/** What one does where the clocks of two machines differ. */
const clocks =
  'The clocks of this computer, the API and the issuer differ: set them right, then sign in again.';

/**
 * What to say after an operation; undefined where it went well.
 *
 * @param {Outcome} outcome
 * @param {SignInSettings} settings
 * @returns {Note | undefined}
 */
export function explainOutcome({ by, refusal }, settings) {
  if (by === 'typed') {
    return {
      sentence: 'The Authorization header under Headers was sent: it goes before the sign-in.',
    };
  }
  switch (refusal?.kind) {
    case undefined:
      return undefined;
    case 'sign-in':
      // The bar offers the sign-in already, and it asks for every scope.
      return settings.clientId === null
        ? undefined
        : { sentence: 'This needs somebody who is signed in.' };
    case 'scope': {
      const scopes = (refusal.wish.scopes ?? []).join(' ');
      return {
        sentence: `This needs the scope ${scopes}.`,
        offer: { label: `Sign in with ${scopes}`, wish: refusal.wish },
      };
    }
    case 'step-up':
      return {
        sentence: `This needs ${describeStepUp(refusal.wish)}.`,
        offer: { label: 'Sign in again', wish: refusal.wish },
      };
    case 'never':
      return { sentence: 'You may not have this, whatever you sign in with. Somebody else may.' };
    case 'credentials':
      return explainCredentials(refusal.reason, settings);
  }
}

/** @param {Wish} wish */
function describeStepUp({ acr, maxAge }) {
  const parts = [
    ...(acr ? [`of the class ${acr.join(' or ')}`] : []),
    ...(maxAge === undefined ? [] : [`not older than ${duration(maxAge)}`]),
  ];
  return `a sign-in ${parts.join(', ')}`;
}

/** @param {number} seconds */
function duration(seconds) {
  if (seconds >= 120) return `${Math.floor(seconds / 60)} minutes`;
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}

/**
 * @param {string} reason
 * @param {SignInSettings} settings
 * @returns {Note}
 */
function explainCredentials(reason, { audience, issuer }) {
  /** @type {Readonly<Record<string, string>>} */
  const sentences = {
    token_audience: `The token is for another API: have the issuer give tokens for ${audience}, then sign in again.`,
    token_not_jws: `The issuer gave a token that is not for this API: it must know the API ${audience}.`,
    token_issuer: `The token is not from ${issuer}: set the issuer exactly as it calls itself.`,
    token_expired: clocks,
    token_not_yet_valid: clocks,
    proof_time: clocks,
    keys_unavailable: `The API cannot reach ${issuer}: see that it runs, then run this again.`,
    token_signature: 'The issuer has other keys than before: sign in again.',
  };
  const sentence = Object.hasOwn(sentences, reason) ? sentences[reason] : undefined;
  return {
    sentence: sentence ?? 'The API did not accept the token, for the reason below: sign in again.',
    offer: { label: 'Sign in again', wish: {} },
  };
}

const cancelled = 'The sign-in was cancelled. Nothing has changed.';

/**
 * What to say when nobody was signed in after all.
 *
 * @param {unknown} fault What oidc-client-ts threw.
 * @param {SignInSettings} settings
 * @param {string} callback
 * @returns {string}
 */
export function explainSignInFault(fault, { issuer, clientId, audience, endpoint }, callback) {
  const message = fault instanceof Error ? fault.message : '';
  if (fault instanceof oidc.ErrorResponse) {
    // The second is how Auth0 says it.
    if (fault.error === 'invalid_target' || /service not found/i.test(message)) {
      return `The issuer knows no API ${audience}: create it there, or set the audience to its identifier.`;
    }
    return fault.error === 'access_denied'
      ? cancelled
      : `The issuer refused the sign-in (${fault.error}): check the client ${clientId} there.`;
  }
  if (/sign-in was aborted/.test(message)) return cancelled;
  if (/disposed window|blocked/.test(message)) {
    return 'The browser blocked the sign-in window: allow popups for this page, then sign in again.';
  }
  if (/closed/i.test(message)) {
    return `The sign-in window was closed. If it showed an error, let the client ${clientId} lead back to ${callback}.`;
  }
  if (/secure contexts/.test(message)) {
    return `Browsers sign in over https and on localhost only: open ${endpoint} instead.`;
  }
  return `The issuer ${issuer} cannot be reached: see that it runs and that its URL is right, then sign in again.`;
}

/** What to say when a token ended and could not be renewed. */
export const endedNote = {
  sentence: 'Your sign-in has ended and could not be renewed: sign in again.',
  offer: { label: 'Sign in again', wish: { samePerson: true } },
};
