import type { TestIssuer } from '../support/tokens.ts';

/** The sign-in of an app: a token, and new ones when it asks. */
export interface Session {
  readonly token: string;
  /** How often the token was renewed. */
  readonly renewals: number;
  renew(): Promise<void>;
}

/** A session that begins with one token, and has these scopes from the first renewal on. */
export function openSession(issuer: TestIssuer, first: string, scope: string): Session {
  let token = first;
  let renewals = 0;
  return {
    get token() {
      return token;
    },
    get renewals() {
      return renewals;
    },
    async renew() {
      renewals += 1;
      token = issuer.sign({ claims: { scope } });
    },
  };
}

/** A token that ended an hour ago. */
export const expiredToken = (issuer: TestIssuer): string =>
  issuer.sign({ claims: { exp: issuer.clock.seconds() - 60 * 60 } });
