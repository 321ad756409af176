import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { IResolvers } from '@graphql-tools/utils';
import type { AuthContext } from '../../src/adapters/yoga/auth-options.ts';
import type { AnyApiModule } from '../../src/server/api-definition.ts';
import { type Api, buildApi } from '../../src/server/build-api.ts';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import * as fixture from '../fixture/index.ts';
import { createResolvers } from '../fixture/resolvers.ts';

/** The path of the fixture's `schema.graphql`, for commands. */
export const fixtureSchemaFile = fileURLToPath(
  new URL('../fixture/schema.graphql', import.meta.url),
);

/** Its text. */
export const fixtureTypeDefs = readFileSync(fixtureSchemaFile, 'utf8');

/** What a test adds to the fixture. */
export interface FixtureAdditions {
  readonly typeDefs?: string;
  readonly resolvers?: IResolvers<unknown, AuthContext>;
  readonly modules?: readonly AnyApiModule[];
  readonly clock?: Clock;
}

/** The fixture, ready for `startServer`. */
export function buildFixtureApi({
  typeDefs = '',
  resolvers = {},
  modules = [],
  clock = systemClock,
}: FixtureAdditions = {}): Api {
  return buildApi(
    {
      ...fixture,
      typeDefs: [fixtureTypeDefs, typeDefs],
      resolvers: [createResolvers(clock), resolvers],
      modules,
    },
    { clock },
  );
}
