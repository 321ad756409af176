import type { Policy } from '../../src/authorization/rules/policies.ts';

/** Allows viewers with a role. The claim is one that you tell your issuer to add. */
const hasRole =
  (role: string): Policy =>
  ({ viewer }) => {
    const roles = viewer.claims['https://example.com/roles'];
    return Array.isArray(roles) && roles.includes(role);
  };

export const policies = { isAdmin: hasRole('admin'), isEditor: hasRole('editor') };
