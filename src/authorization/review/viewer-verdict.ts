import type { Viewer } from '../../authentication/viewer.ts';
import { policiesOf, type Rule } from '../directives/requirement.ts';
import type { Guard } from '../operation/guard.ts';
import { type Access, meets } from '../rules/schema-access.ts';
import type { ViewerAccess } from './viewer-access.ts';

/**
 * What a viewer is allowed of a coordinate: `conditional` if that depends on policies, which are not
 * evaluated, or on another authentication of the viewer.
 */
export function findViewerAccess(access: Access, viewer: Viewer, guard: Guard): ViewerAccess {
  const unmet = (rule: Rule) => guard.check(rule, viewer)?.kind;
  if (!meets(access, (rule) => [undefined, 'step-up'].includes(unmet(rule)))) return 'refused';
  return meets(access, (rule) => unmet(rule) === undefined && policiesOf(rule).length === 0)
    ? 'allowed'
    : 'conditional';
}
