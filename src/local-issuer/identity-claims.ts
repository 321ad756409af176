import type { LocalUser } from './local-user.ts';

/** Which claims about a person each scope opens (OpenID Connect Core §5.4). */
export const claimsByScope: Readonly<Record<string, readonly string[]>> = {
  openid: ['sub'],
  profile: ['name', 'nickname', 'preferred_username'],
  email: ['email', 'email_verified'],
};

/** The claims about a person that these scopes open; `sub` always. */
export function identityClaims(
  user: LocalUser,
  scopes: readonly string[],
): { sub: string; [claim: string]: string | boolean } {
  const claims = {
    name: user.displayName,
    nickname: user.name,
    preferred_username: user.name,
    email: user.email,
    email_verified: true,
  };
  const open = new Set(scopes.flatMap((scope) => claimsByScope[scope] ?? []));
  return {
    sub: user.name,
    ...Object.fromEntries(Object.entries(claims).filter(([claim]) => open.has(claim))),
  };
}
