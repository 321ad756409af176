import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findEntries } from '../scripts/package/entries.ts';
import * as api from '../src/index.ts';

const read = (path: string): string =>
  readFileSync(new URL(`../src/${path}`, import.meta.url), 'utf8');

const entries = findEntries(fileURLToPath(new URL('../src', import.meta.url)));

/** What the entries export, as they say it: by name. */
const exported = entries.flatMap(({ module }) =>
  [...read(`${module}.ts`).matchAll(/export (?:type )?\{([^}]*)\} from '([^']+)'/g)].flatMap(
    ([, names = '', from = '']) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean)
        .map((text) => ({
          text,
          name: text.replace('type ', ''),
          file: join(dirname(module), from),
        })),
  ),
);

describe('the public API of the layer', () => {
  it('has these values', () => {
    expect(
      Object.fromEntries(Object.entries(api).map(([name, value]) => [name, typeof value])),
    ).toMatchInlineSnapshot(`
      {
        "AuthError": "function",
        "CostDirectiveError": "function",
        "LogoutTokenError": "function",
        "SchemaRuleError": "function",
        "TokenEndpointError": "function",
        "TokenExchangeError": "function",
        "accessRules": "function",
        "anonymous": "object",
        "askAs": "function",
        "authDirective": "object",
        "authDirectives": "string",
        "costDirective": "object",
        "costDirectives": "string",
        "createAuthenticator": "function",
        "createGate": "function",
        "createLogoutReceiver": "function",
        "createMemoryReplayStore": "function",
        "createRedisEventTarget": "function",
        "createRedisReplayStore": "function",
        "createRedisRevocationStore": "function",
        "createRevocationList": "function",
        "createTestIssuer": "function",
        "createTokenExchange": "function",
        "defineFilterPolicy": "function",
        "expectAccess": "function",
        "expectResponse": "function",
        "findRefusals": "function",
        "fromNodeRequest": "function",
        "guardSchema": "function",
        "listSizeDirective": "object",
        "maskUnexpectedErrors": "function",
        "measureOperation": "function",
        "notDelegated": "function",
        "publicDirective": "object",
        "requireScope": "function",
        "resourceMetadata": "function",
        "responseMatchers": "object",
        "useAuth": "function",
        "useViewerIntrospection": "function",
        "viewerId": "function",
        "viewerWith": "function",
        "webSocketOptions": "function",
      }
    `);
  });

  it('has these names, types included', () => {
    const names = exported.map(({ text }) => text).sort();
    expect(names).toMatchInlineSnapshot(`
      [
        "AcceptedTokens",
        "AccessTerms",
        "AccessTokenProfile",
        "ApolloAuthPlugin",
        "AuthContext",
        "AuthError",
        "AuthErrorCode",
        "AuthErrorReason",
        "AuthScheme",
        "AuthenticationFailure",
        "AuthenticatorOptions",
        "BatchedPolicy",
        "ChallengeError",
        "ClientCredentials",
        "ClientKey",
        "ClientSecret",
        "Clock",
        "ConcurrencyLimits",
        "CostDirectiveError",
        "CredentialsRefusal",
        "CredentialsSource",
        "CsrfProtection",
        "DecidingPolicy",
        "DpopMode",
        "EnvelopedFunctions",
        "EnvelopedYoga",
        "ErrorBehavior",
        "ExchangeTarget",
        "ExchangedToken",
        "Executor",
        "FetchFunction",
        "FetchHandler",
        "GateOptions",
        "GuardedMercuriusOptions",
        "Introspection",
        "IssuerResolver",
        "KeySource",
        "LogoutTokenError",
        "MachineTokens",
        "MaskError",
        "NodeListener",
        "NodeServer",
        "OnwardRequest",
        "OperationLimitName",
        "OperationLimits",
        "OperationMeasures",
        "PlaceLimits",
        "PolicyDecision",
        "PolicyDefinition",
        "PolicyDefinitions",
        "PolicyDenial",
        "PolicyOptions",
        "RateLimiter",
        "RateQuota",
        "RateRefusal",
        "RedisOptions",
        "Refusal",
        "RefusalEvent",
        "RefusalResponse",
        "RefusedViewer",
        "ReplayStore",
        "ReportRefusal",
        "ResponseHead",
        "Revocation",
        "RevocationCheck",
        "RevocationEntry",
        "Revocations",
        "RuleRefusal",
        "SchemaRuleError",
        "ScopeImplications",
        "ScopeSource",
        "ShadowOptions",
        "SignatureAlgorithm",
        "StreamErrorCode",
        "StreamRefusal",
        "StreamRefusalReason",
        "TenantRequest",
        "TestChallenge",
        "TestPolicyInput",
        "TestPolicyInputs",
        "TestableServer",
        "TimeSource",
        "TokenCookie",
        "TokenEndpointError",
        "TokenExchangeError",
        "TokenExchangeOptions",
        "TokenHeader",
        "TokenLocation",
        "TrustedIssuer",
        "UpgradeRequest",
        "UseAuthOptions",
        "WebSocketExtra",
        "accessRules",
        "anonymous",
        "askAs",
        "authDirective",
        "authDirectives",
        "costDirective",
        "costDirectives",
        "createApolloAuth",
        "createAuthenticator",
        "createGate",
        "createLogoutReceiver",
        "createMemoryReplayStore",
        "createRedisEventTarget",
        "createRedisReplayStore",
        "createRedisRevocationStore",
        "createRevocationList",
        "createTestIssuer",
        "createTokenExchange",
        "defineFilterPolicy",
        "expectAccess",
        "expectResponse",
        "findRefusals",
        "fromNodeRequest",
        "guardSchema",
        "guardedHandlerOptions",
        "guardedMercurius",
        "listSizeDirective",
        "maskUnexpectedErrors",
        "measureOperation",
        "notDelegated",
        "publicDirective",
        "requireScope",
        "resourceMetadata",
        "responseMatchers",
        "rules",
        "toFederationDirectives",
        "type AccessExpectation",
        "type AccessRule",
        "type AccessTable",
        "type Actor",
        "type AllowedExecution",
        "type AnonymousViewer",
        "type ApolloAuth",
        "type ApolloAuthContext",
        "type ApolloAuthOptions",
        "type AskOptions",
        "type AuthErrorOptions",
        "type AuthPlugin",
        "type Authenticated",
        "type AuthenticatedContext",
        "type AuthenticatedViewer",
        "type AuthenticationRequest",
        "type Authenticator",
        "type ChallengeSource",
        "type CommonWebSocketOptions",
        "type CostDirectiveProblem",
        "type ExpectedPartialData",
        "type ExpectedRefusal",
        "type FederationDirectivesOptions",
        "type FilterInput",
        "type FilterOf",
        "type FilterPolicy",
        "type Filters",
        "type FinishedExecution",
        "type Gate",
        "type GuardSchemaOptions",
        "type GuardedHandlerContext",
        "type GuardedHandlerOptions",
        "type GuardedMercuriusContext",
        "type LintContext",
        "type LintRule",
        "type LintedNode",
        "type LogoutReceiverOptions",
        "type LogoutToken",
        "type LogoutTokenErrorReason",
        "type LogoutTokenOptions",
        "type MaskErrorsOptions",
        "type MatcherResult",
        "type MeasuredRequest",
        "type MemoryReplayStore",
        "type MemoryReplayStoreOptions",
        "type NodeRequest",
        "type OperationRequest",
        "type OwnAuthErrorReason",
        "type Policy",
        "type PolicyAccessExpectation",
        "type PolicyInput",
        "type RedisEventTarget",
        "type RedisEventTargetOptions",
        "type RedisReplayStore",
        "type RedisReplayStoreOptions",
        "type RedisRevocationStore",
        "type RedisRevocationStoreOptions",
        "type ReportPolicyError",
        "type ReportUnexpectedError",
        "type ResourceMetadata",
        "type ResourceMetadataOptions",
        "type ResponseAssertions",
        "type RevocationList",
        "type RevocationListOptions",
        "type RevocationStore",
        "type SchemaRuleProblem",
        "type SchemaWebSocketOptions",
        "type SubjectToken",
        "type TestError",
        "type TestIssuer",
        "type TestIssuerOptions",
        "type TestOperation",
        "type TestProofOptions",
        "type TestResponse",
        "type TestTokenOptions",
        "type TestViewer",
        "type TokenEndpointErrorOptions",
        "type TokenExchange",
        "type TokenExchangeErrorCode",
        "type Viewer",
        "type ViewerTraits",
        "type WebSocketOptions",
        "type WebSocketServerOptions",
        "type YogaWebSocketOptions",
        "useAuth",
        "useViewerIntrospection",
        "viewerId",
        "viewerWith",
        "webSocketOptions",
      ]
    `);
  });
});

describe('what public declarations are made of', () => {
  const entries = exported.map(({ name, file }) => [name, file] as const);
  const names = new Set(entries.map(([name]) => name));

  it.each(entries)('%s of %s names exported types only', (name, file) => {
    const text = read(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const declaration = new RegExp(
      `export (?:abstract )?(interface|type|class|function|const|async function) ${name}\\b[\\s\\S]*?(?=\\n(?:export|const|function|interface|type|class)|$)`,
    ).exec(text);
    expect(declaration, name).not.toBeNull();
    const [found = '', kind = ''] = declaration ?? [];
    // No user has to name a base class.
    const whole = kind === 'class' ? found.replace(/ extends \w+/, '') : found;
    // Of functions and classes, the signature; private members and bodies are no one's business.
    const shown = ['interface', 'type'].includes(kind)
      ? whole
      : (whole
          .split(/\{\n/, kind === 'class' ? 2 : 1)
          .join('')
          .split(/\): [^{]*\{/)[0] ?? '');
    const own = new Set(
      [
        ...text.matchAll(/import (?:type )?\{([^}]*)\} from '\./g),
        ...text.matchAll(/^(?:export )?(?:interface|type) (\w+)/gm),
      ].flatMap(([, list = '']) => list.split(',').map((one) => one.replace('type ', '').trim())),
    );
    const used = [...new Set(shown.match(/\b[A-Z]\w+/g) ?? [])].filter((one) => own.has(one));
    expect(used.filter((one) => !names.has(one) && one !== name)).toEqual([]);
  });
});
