import { readFileSync } from 'node:fs';
import type { AnyApiModule, ApiModule } from '../../server/api-definition.ts';
import { systemClock, type TimeSource } from '../../shared/clock.ts';
import { createMessageContext } from './context.ts';
import { migrations } from './migrations.ts';
import { policies } from './policies.ts';
import { resolvers } from './resolvers.ts';
import { sampleOperations } from './sample-operations.ts';

/**
 * The module: messages in a database. See docs/messages.md, also for how to remove it.
 *
 * @param clock When messages are posted and edited.
 */
export function createMessages(clock: TimeSource): AnyApiModule {
  const createContext = createMessageContext(clock);
  const module: ApiModule<ReturnType<typeof createContext>> = {
    typeDefs: readFileSync(new URL('./messages.graphql', import.meta.url), 'utf8'),
    resolvers,
    policies,
    createContext,
    sampleOperations,
    migrations,
  };
  return module;
}

export const messages = createMessages(systemClock);
