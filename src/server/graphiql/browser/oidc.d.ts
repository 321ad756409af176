/** The browser build of oidc-client-ts, which the page loads first. */
declare const oidc: typeof import('oidc-client-ts');
