/** The entry `graphql-resource-server/testing` of the package. */
export {
  type AskOptions,
  askAs,
  type TestError,
  type TestOperation,
  type TestResponse,
} from './ask-as.ts';
export {
  createTestIssuer,
  type TestIssuer,
  type TestIssuerOptions,
  type TestProofOptions,
  type TestTokenOptions,
  type TestViewer,
} from './create-test-issuer.ts';
export {
  type AccessExpectation,
  type AccessTable,
  expectAccess,
  type PolicyAccessExpectation,
} from './expect-access.ts';
export type { FetchHandler, NodeListener, NodeServer, TestableServer } from './open-server.ts';
export type { TestChallenge } from './parse-challenges.ts';
export type { TestPolicyInput, TestPolicyInputs } from './policy-evaluation.ts';
export {
  type ExpectedPartialData,
  type ExpectedRefusal,
  expectResponse,
  type MatcherResult,
  type ResponseAssertions,
  responseMatchers,
} from './response-matchers.ts';
export { type ViewerTraits, viewerWith } from './viewer-with.ts';
