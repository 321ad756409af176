import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as api from '../src/index.ts';

describe('the public API of the layer', () => {
  it('has these values', () => {
    expect(
      Object.fromEntries(Object.entries(api).map(([name, value]) => [name, typeof value])),
    ).toMatchInlineSnapshot(`
      {
        "AuthError": "function",
        "SchemaRuleError": "function",
        "accessRules": "function",
        "anonymous": "object",
        "authDirectives": "string",
        "createAuthenticator": "function",
        "createMemoryReplayStore": "function",
        "createRedisReplayStore": "function",
        "expectAccess": "function",
        "findRefusals": "function",
        "guardSchema": "function",
        "maskUnexpectedErrors": "function",
        "resourceMetadata": "function",
        "useAuth": "function",
        "useViewerIntrospection": "function",
        "viewerId": "function",
        "viewerWith": "function",
        "webSocketOptions": "function",
      }
    `);
  });

  it('has these names, types included', () => {
    const text = readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8');
    const names = [...text.matchAll(/\{([^}]*)\}/g)]
      .flatMap((match) => (match[1] ?? '').split(','))
      .map((name) => name.trim())
      .filter(Boolean)
      .sort();
    expect(names).toMatchInlineSnapshot(`
      [
        "AccessTerms",
        "AuthError",
        "AuthenticatorOptions",
        "Clock",
        "DpopMode",
        "PlaceLimits",
        "Policy",
        "PolicyQuestion",
        "Refusal",
        "ReplayStore",
        "SchemaRuleError",
        "WebSocketExtra",
        "accessRules",
        "anonymous",
        "authDirectives",
        "createAuthenticator",
        "createMemoryReplayStore",
        "createRedisReplayStore",
        "expectAccess",
        "findRefusals",
        "guardSchema",
        "maskUnexpectedErrors",
        "resourceMetadata",
        "type AccessExpectation",
        "type AccessRule",
        "type AccessTable",
        "type AnonymousViewer",
        "type AuthContext",
        "type AuthErrorCode",
        "type AuthErrorReason",
        "type AuthPlugin",
        "type AuthenticatedViewer",
        "type AuthenticationRequest",
        "type Authenticator",
        "type GuardSchemaOptions",
        "type MaskErrorsOptions",
        "type MemoryReplayStore",
        "type MemoryReplayStoreOptions",
        "type OperationRequest",
        "type RedisReplayStore",
        "type RedisReplayStoreOptions",
        "type ResourceMetadata",
        "type ResourceMetadataOptions",
        "type SchemaRuleFault",
        "type UseAuthOptions",
        "type Viewer",
        "type ViewerTraits",
        "type WebSocketOptions",
        "type WebSocketServerOptions",
        "useAuth",
        "useViewerIntrospection",
        "viewerId",
        "viewerWith",
        "webSocketOptions",
      ]
    `);
    expect(text).not.toContain('*');
  });
});
