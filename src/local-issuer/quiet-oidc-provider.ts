import { silenceNotices } from './silence-notices.ts';

// A module is evaluated once, so two issuers that start together do not take the console from each
// other while oidc-provider loads.
const restore = silenceNotices();
const oidcProvider = await import('oidc-provider').finally(restore);

export const { Provider, errors, interactionPolicy } = oidcProvider;
