import type { AnyApiModule } from '../server/api-definition.ts';
import { messages } from './messages/index.ts';

/**
 * The API that this server runs, together with `schema.graphql`. To make it your own, replace both;
 * see docs/getting-started.md. Everything else follows from these exports and from the schema.
 */
export { createContext } from './context.ts';
export { policies } from './policies.ts';
export { resolvers } from './resolvers.ts';
export { sampleOperations } from './sample-operations.ts';
export { testUsers } from './test-users.ts';

/** Resources with folders of their own. */
export const modules: readonly AnyApiModule[] = [messages];
