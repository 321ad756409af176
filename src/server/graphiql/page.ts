/** The path prefix of the page's assets. */
export const assetPath = '/graphiql/';

/** The redirect URI of the page, which must be registered at the issuer. */
export const callbackPath = `${assetPath}callback`;

/** The settings of the page: a file, so that nothing is written into the page. */
export const settingsPath = `${assetPath}settings.json`;

/**
 * The headers of the page and its assets. Scripts and workers come from this origin only and are never
 * inline; GraphiQL's editor requires inline styles; requests can go to the API, and to the issuer if users can
 * sign in.
 *
 * @param metadataUrl A URL at the issuer. Undefined if no one can sign in.
 */
export function pageHeaders(metadataUrl: string | undefined): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    metadataUrl === undefined
      ? "connect-src 'self'"
      : `connect-src 'self' ${new URL(metadataUrl).origin}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    // The URL of the callback contains the authorization code.
    'Referrer-Policy': 'no-referrer',
  };
}

/**
 * The headers of the page alone. The page that opened it can reach neither it nor its sign-in window, which it
 * could otherwise navigate elsewhere.
 */
export const isolation: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin-allow-popups',
};
