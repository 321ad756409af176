export {
  AuthError,
  type AuthErrorCode,
  type AuthErrorReason,
} from './authentication/auth-error.ts';
export {
  type AuthenticationRequest,
  type Authenticator,
  createAuthenticator,
} from './authentication/authenticator.ts';
export type { AuthenticatorOptions } from './authentication/authenticator-options.ts';
export type { DpopMode } from './authentication/dpop-mode.ts';
export {
  createMemoryReplayStore,
  type MemoryReplayStore,
  type MemoryReplayStoreOptions,
} from './authentication/memory-replay-store.ts';
export {
  createRedisReplayStore,
  type RedisReplayStore,
  type RedisReplayStoreOptions,
} from './authentication/redis-replay-store.ts';
export type { ReplayStore } from './authentication/replay-store.ts';
export {
  type AnonymousViewer,
  type AuthenticatedViewer,
  anonymous,
  type Viewer,
  viewerId,
} from './authentication/viewer.ts';
export { type AccessRule, accessRules } from './authorization/access-rules.ts';
export type { AccessTerms } from './authorization/access-terms.ts';
export { authDirectives } from './authorization/directives.ts';
export { findRefusals, type OperationRequest } from './authorization/find-refusals.ts';
export { type GuardSchemaOptions, guardSchema } from './authorization/guard-schema.ts';
export type { Policy, PolicyQuestion } from './authorization/policies.ts';
export type { Refusal } from './authorization/refusal.ts';
export { SchemaRuleError, type SchemaRuleFault } from './authorization/schema-rule-error.ts';
export { type AccessExpectation, type AccessTable, expectAccess } from './testing/expect-access.ts';
export { type ViewerTraits, viewerWith } from './testing/viewer-with.ts';
export type { Clock } from './yoga/clock.ts';
export { type MaskErrorsOptions, maskUnexpectedErrors } from './yoga/mask-errors.ts';
export type { PlaceLimits } from './yoga/places.ts';
export {
  type ResourceMetadata,
  type ResourceMetadataOptions,
  resourceMetadata,
} from './yoga/resource-metadata.ts';
export {
  type AuthContext,
  type AuthPlugin,
  type UseAuthOptions,
  useAuth,
} from './yoga/use-auth.ts';
export { useViewerIntrospection } from './yoga/use-viewer-introspection.ts';
export type { WebSocketExtra } from './yoga/web-socket-connection.ts';
export {
  type WebSocketOptions,
  type WebSocketServerOptions,
  webSocketOptions,
} from './yoga/web-socket-options.ts';
