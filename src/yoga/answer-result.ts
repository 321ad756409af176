import type { ExecutionResult } from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import type { Missing } from '../authorization/missing.ts';
import { type ChallengeSettings, refusedRules, schemeOf } from './answer.ts';
import { leftNothing } from './left-nothing.ts';

/**
 * The result of an operation of which refusals that were found while it ran left nothing, with
 * its HTTP answer. Undefined where something is left, or the answer has been decided before.
 */
export function answerResult(
  result: ExecutionResult,
  missing: readonly Missing[],
  viewer: Viewer,
  settings: ChallengeSettings,
): ExecutionResult | undefined {
  if (result.extensions?.['http'] !== undefined || !leftNothing(result)) return undefined;
  const scopes = missing.flatMap((one) =>
    'scope' in one && one.scope ? one.scope.split(' ') : [],
  );
  const scope = scopes.length > 0 ? [...new Set(scopes)].join(' ') : undefined;
  const http = refusedRules(missing, scope, schemeOf(viewer), settings);
  const { data, ...rest } = result;
  return { ...(data === null ? result : rest), extensions: { ...result.extensions, http } };
}
