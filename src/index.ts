export type { AccessTokenProfile } from './authentication/access-token-profile.ts';
export {
  AuthError,
  type AuthErrorCode,
  type AuthErrorOptions,
  type AuthErrorReason,
  type AuthScheme,
  type ChallengeError,
} from './authentication/auth-error.ts';
export {
  type AuthenticationRequest,
  type Authenticator,
  createAuthenticator,
} from './authentication/authenticator.ts';
export type { AuthenticatorOptions } from './authentication/authenticator-options.ts';
export type { CredentialsSource } from './authentication/credentials.ts';
export type { DpopMode } from './authentication/dpop-mode.ts';
export type { FetchFunction } from './authentication/fetch-json.ts';
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
export type { SignatureAlgorithm } from './authentication/signature-algorithm.ts';
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
export type { Policy, PolicyQuestion, ReportPolicyError } from './authorization/policies.ts';
export type { Refusal } from './authorization/refusal.ts';
export { SchemaRuleError, type SchemaRuleFault } from './authorization/schema-rule-error.ts';
export {
  type AllowedExecution,
  type Authenticated,
  createGate,
  type FinishedExecution,
  type Gate,
  type GateOptions,
} from './gate/gate.ts';
export type { RefusalResponse, ResponseHead } from './gate/refusal-response.ts';
export type { Clock, TimeSource } from './shared/clock.ts';
export { type AccessExpectation, type AccessTable, expectAccess } from './testing/expect-access.ts';
export { type ViewerTraits, viewerWith } from './testing/viewer-with.ts';
export type { UpgradeRequest } from './yoga/connection-credentials.ts';
export {
  type MaskErrorsOptions,
  maskUnexpectedErrors,
  type ReportUnexpectedError,
} from './yoga/mask-errors.ts';
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
export type { EnvelopedYoga, MaskError } from './yoga/web-socket-operations.ts';
export {
  type WebSocketOptions,
  type WebSocketServerOptions,
  webSocketOptions,
} from './yoga/web-socket-options.ts';
