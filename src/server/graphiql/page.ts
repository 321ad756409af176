import { assetPath } from './paths.ts';

/** The page: its bar and GraphiQL, each filled in by a script of its own. */
export const graphiqlPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assetPath}graphiql.css">
<link rel="stylesheet" href="${assetPath}bar.css">
<script defer src="${assetPath}oidc-client-ts.js"></script>
<script type="module" src="${assetPath}main.js"></script>
<script defer src="${assetPath}graphiql.js"></script>
</head>
<body class="no-focus-outline">
<noscript>GraphiQL needs JavaScript.</noscript>
<header id="bar"></header>
<div id="root"></div>
</body>
</html>
`;

/** Where the popup ends: it tells the page that opened it, and closes. */
export const callbackPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Signing in</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assetPath}bar.css">
<script defer src="${assetPath}oidc-client-ts.js"></script>
<script type="module" src="${assetPath}callback.js"></script>
</head>
<body>
<p id="callback">Signing in. This window closes by itself.</p>
</body>
</html>
`;

/**
 * The headers of everything that the page is made of. Scripts come from here alone and none stands
 * in the page; GraphiQL's editor writes styles and starts its workers from blobs; and nothing is
 * called but the API and the issuer.
 */
export function pageHeaders(issuer: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self' ${new URL(issuer).origin}`,
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    // The callback's URL holds the code.
    'Referrer-Policy': 'no-referrer',
  };
}
