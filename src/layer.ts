/**
 * The entry `graphql-resource-server` of the package: what every server needs. It must not know a server
 * framework, Node or a database.
 */
export {
  AuthError,
  type AuthErrorOptions,
  type ChallengeSource,
  type OwnAuthErrorReason,
} from './authentication/auth-error.ts';
export type {
  AuthErrorCode,
  AuthErrorReason,
  AuthScheme,
  ChallengeError,
} from './authentication/auth-error-reasons.ts';
export {
  type AuthenticationRequest,
  type Authenticator,
  createAuthenticator,
} from './authentication/authenticator.ts';
export type { AuthenticatorOptions } from './authentication/authenticator-options.ts';
export type {
  ClientCredentials,
  ClientKey,
  ClientSecret,
} from './authentication/client-authentication.ts';
export type { CredentialsSource, DpopMode } from './authentication/credentials.ts';
export type { DpopAlgorithm } from './authentication/dpop/proof-key.ts';
export type { Introspection } from './authentication/introspection/introspection.ts';
export type { FetchFunction } from './authentication/issuer/fetch-json.ts';
export type { KeyStatistics } from './authentication/issuer/issuer-keys.ts';
export type { KeySource } from './authentication/issuer/key-source.ts';
export type { IssuerResolver, TenantRequest } from './authentication/issuer/tenant-issuers.ts';
export type {
  AcceptedTokens,
  MachineTokens,
  TrustedIssuer,
} from './authentication/issuer/trusted-issuer.ts';
export {
  createLogoutReceiver,
  type LogoutReceiverOptions,
} from './authentication/logout/logout-receiver.ts';
export {
  type LogoutToken,
  LogoutTokenError,
  type LogoutTokenErrorReason,
  type LogoutTokenOptions,
} from './authentication/logout/logout-token.ts';
export {
  createMemoryReplayStore,
  type MemoryReplayStore,
  type MemoryReplayStoreOptions,
} from './authentication/replay/memory-replay-store.ts';
export type { ReplayStore } from './authentication/replay/replay-store.ts';
export { requireScope } from './authentication/require-scope.ts';
export type { Revocation, RevocationEntry } from './authentication/revocation/revocation-keys.ts';
export {
  createRevocationList,
  type RevocationList,
  type RevocationListOptions,
  type RevocationStore,
} from './authentication/revocation/revocation-list.ts';
export type { RevocationCheck, Revocations } from './authentication/revocation/revocations.ts';
export type { AccessTokenProfile } from './authentication/token/access-token-profile.ts';
export type { KnownTokenStatistics } from './authentication/token/known-tokens.ts';
export type { SignatureAlgorithm } from './authentication/token/public-key.ts';
export type { ScopeSource } from './authentication/token/scope-source.ts';
export type {
  CsrfProtection,
  TokenCookie,
  TokenHeader,
  TokenLocation,
} from './authentication/token-location.ts';
export type { AuthenticatorStatistics, IssuerStatistics } from './authentication/token-verifier.ts';
export {
  type Actor,
  type AnonymousViewer,
  type AuthenticatedContext,
  type AuthenticatedViewer,
  anonymous,
  type Viewer,
  viewerId,
} from './authentication/viewer.ts';
export {
  authDirective,
  authDirectives,
  publicDirective,
} from './authorization/directives/auth-directives.ts';
export {
  SchemaRuleError,
  type SchemaRuleProblem,
} from './authorization/directives/schema-rule-error.ts';
export type { ScopeImplications } from './authorization/directives/scope-hierarchy.ts';
export { type GuardSchemaOptions, guardSchema } from './authorization/enforcement/guard-schema.ts';
export type { ShadowOptions } from './authorization/enforcement/shadow-rules.ts';
export { findRefusals, type OperationRequest } from './authorization/operation/find-refusals.ts';
export { type AccessRule, accessRules } from './authorization/review/access-rules.ts';
export type { AccessTerms } from './authorization/review/access-terms.ts';
export {
  defineFilterPolicy,
  type FilterInput,
  type FilterOf,
  type FilterPolicy,
  type Filters,
} from './authorization/rules/filter-policies.ts';
export {
  notDelegated,
  type Policy,
  type PolicyInput,
  type ReportPolicyError,
} from './authorization/rules/policies.ts';
export type {
  BatchedPolicy,
  DecidingPolicy,
  PolicyDefinition,
  PolicyDefinitions,
  PolicyOptions,
} from './authorization/rules/policy-definition.ts';
export type { PolicyDecision, PolicyDenial } from './authorization/rules/policy-denial.ts';
export type { Refusal } from './authorization/rules/refusal.ts';
export type { CoordinateDecision, Decision } from './gate/decision.ts';
export {
  type AllowedExecution,
  type Authenticated,
  createGate,
  type FinishedExecution,
  type Gate,
} from './gate/gate.ts';
export type { GateOptions } from './gate/gate-options.ts';
export {
  type MaskErrorsOptions,
  maskUnexpectedErrors,
  type ReportUnexpectedError,
} from './gate/mask-errors.ts';
export { fromNodeRequest, type NodeRequest } from './gate/node-request.ts';
export type { ObservedOperation } from './gate/observed-operation.ts';
export type { EndStep, GateObserver, GateStep } from './gate/observer.ts';
export type { AuthenticationFailure, RateLimiter, RateQuota } from './gate/rate-limit.ts';
export type {
  CredentialsRefusal,
  LimitRefusal,
  RateRefusal,
  RefusalEvent,
  RefusedViewer,
  ReportRefusal,
  RuleRefusal,
  StreamRefusal,
} from './gate/refusal-events.ts';
export type { RefusalResponse } from './gate/refusal-response.ts';
export {
  type ResourceMetadata,
  type ResourceMetadataOptions,
  resourceMetadata,
} from './gate/resource-metadata.ts';
export type { RefusedStep, StepOutcome } from './gate/step-outcome.ts';
export { CostDirectiveError, type CostDirectiveProblem } from './limits/cost-directive-error.ts';
export { costDirective, costDirectives, listSizeDirective } from './limits/cost-directives.ts';
export {
  type MeasuredRequest,
  measureOperation,
} from './limits/operation-limiter.ts';
export type {
  OperationLimitName,
  OperationLimits,
  OperationMeasures,
} from './limits/operation-limits.ts';
export type { Clock, TimeSource } from './shared/clock.ts';
export type { ErrorBehavior } from './shared/error-behavior.ts';
export type { ResponseHead } from './shared/response-head.ts';
export type { ConcurrencyLimits, PlaceLimits } from './streams/concurrency-limiter.ts';
export type {
  StreamEndReason,
  StreamErrorCode,
  StreamRefusalReason,
} from './streams/stream-error.ts';
