import type { Viewer } from '../../authentication/viewer.ts';
import { policiesOf, type Rule } from '../directives/requirement.ts';
import type { Guard } from '../operation/guard.ts';
import { type Access, meets } from '../rules/schema-access.ts';
import type { ViewerAccess } from './viewer-access.ts';

/**
 * What a viewer is allowed of a coordinate: `conditional` if policies decide, which are not evaluated.
 */
export function findViewerAccess(access: Access, viewer: Viewer, guard: Guard): ViewerAccess {
  const isMet = (rule: Rule): boolean => guard.check(rule, viewer) === undefined;
  if (!meets(access, isMet)) return 'refused';
  return meets(access, (rule) => isMet(rule) && policiesOf(rule).length === 0)
    ? 'allowed'
    : 'conditional';
}
