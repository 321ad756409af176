import { modules } from '../../src/api/index.ts';
import type { Api } from '../../src/server/build-api.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';

/** The fixture with the resources of `src/api`, for tests of front ends that show them. */
export function buildFixtureWithModules(): Api {
  return buildFixtureApi({ modules });
}
