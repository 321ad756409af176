/** The entry `graphql-resource-server/yoga` of the package. */
export type { AuthContext, UseAuthOptions } from './auth-options.ts';
export { type AuthPlugin, useAuth } from './use-auth.ts';
export { useViewerIntrospection } from './use-viewer-introspection.ts';
