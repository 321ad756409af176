import { stripVTControlCharacters } from 'node:util';

// oidc-provider prints notices when it is loaded. A module is evaluated once, so two issuers that
// start at the same time do not both replace the console.
const restore = muteNotices();
const [oidcProvider, grantHelpers] = await Promise.all([
  import('oidc-provider'),
  import('oidc-provider/lib/helpers/grants.js'),
]).finally(restore);

export const { Provider, errors, interactionPolicy } = oidcProvider;

/** For grant types of our own. Any release of oidc-provider can change them. */
export const grants = grantHelpers;

/**
 * Keeps oidc-provider's notices, which are advice for production, off the console until the returned
 * function is called. Other output passes through.
 */
export function muteNotices(): () => void {
  const { info, warn } = console;
  console.info = (...values: unknown[]) => {
    if (!isNotice(values[0])) info.apply(console, values);
  };
  console.warn = (...values: unknown[]) => {
    if (!isNotice(values[0])) warn.apply(console, values);
  };
  return () => {
    console.info = info;
    console.warn = warn;
  };
}

function isNotice(value: unknown): boolean {
  // Notices are colored on a terminal.
  return typeof value === 'string' && stripVTControlCharacters(value).startsWith('oidc-provider ');
}
