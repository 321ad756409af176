/** The path prefix of the page's assets. */
export const assetPath = '/graphiql/';

/** The redirect URI of the page, which must be registered at the issuer. */
export const callbackPath = `${assetPath}callback`;

/** The page with the bar and GraphiQL, which scripts render. Its paths are relative: a proxy can add a path. */
export const graphiqlPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="graphiql/graphiql.css">
<link rel="stylesheet" href="graphiql/bar.css">
<script defer src="graphiql/oidc-client-ts.js"></script>
<script type="module" src="graphiql/main.js"></script>
<script defer src="graphiql/graphiql.js"></script>
</head>
<body class="no-focus-outline">
<noscript>GraphiQL needs JavaScript.</noscript>
<header id="bar"></header>
<div id="root"></div>
</body>
</html>
`;

/** The last page of the popup: notifies the page that opened it, and closes. */
export const callbackPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Signing in</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="bar.css">
<script defer src="oidc-client-ts.js"></script>
<script type="module" src="callback.js"></script>
</head>
<body>
<p id="callback">Signing in. This window closes automatically.</p>
</body>
</html>
`;

/**
 * The headers of the page and its assets. Scripts come from this origin only and are never inline;
 * GraphiQL's editor requires inline styles and workers from blobs; requests can go to the API and the
 * issuer only.
 *
 * @param metadataUrl a URL at the issuer; undefined if no one can sign in
 */
export function pageHeaders(metadataUrl: string | undefined): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    metadataUrl === undefined
      ? "connect-src 'self'"
      : `connect-src 'self' ${new URL(metadataUrl).origin}`,
    'worker-src blob:',
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
