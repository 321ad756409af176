import { AuthError } from './auth-error.ts';
import type { AuthenticatorSettings } from './authenticator-options.ts';
import type { CredentialsSource } from './credentials.ts';
import { createOpaqueTokens, isOpaqueToken } from './introspection/opaque-tokens.ts';
import type { KeyStatistics } from './issuer/issuer-keys.ts';
import {
  checkTokenLifetime,
  createRevocationCheck,
  type RevocationCheck,
} from './revocation/revocations.ts';
import { type AccessToken, verifyAccessToken } from './token/access-token.ts';
import {
  createKnownTokens,
  createTenantLookup,
  type KnownToken,
  type KnownTokenStatistics,
} from './token/known-tokens.ts';
import { createTokenViewer } from './token-viewer.ts';
import type { AuthenticatedViewer } from './viewer.ts';

/** Counters of an authenticator, for metrics. They begin with the process. */
export interface AuthenticatorStatistics {
  readonly knownTokens: KnownTokenStatistics;
  /** Those of a list of issuers. Empty if they are found by a function. */
  readonly issuers: readonly IssuerStatistics[];
  /** Requests about opaque tokens. Undefined if none of the issuers has introspection. */
  readonly introspection?: Omit<KeyStatistics, 'fetchedAt'>;
}

/** Counters of one issuer. */
export interface IssuerStatistics extends KeyStatistics {
  readonly issuer: string;
}

/** Turns access tokens into viewers, and remembers those that it has verified. */
export interface TokenVerifier {
  /**
   * @param hash the SHA-256 of the token
   * @returns undefined if the token must be verified
   */
  find(hash: string, request: CredentialsSource): KnownToken | undefined;
  /**
   * Verifies a token: its signature, or by introspection if it is opaque.
   *
   * @throws {AuthError} a reason that begins with `token_`, `keys_unavailable`, `introspection_unavailable`
   */
  verify(text: string, hash: string, request: CredentialsSource): Promise<KnownToken>;
  /** Undefined if tokens cannot be revoked. */
  readonly checkRevocation: RevocationCheck | undefined;
  /**
   * Returns the viewer of a token. Forgets the token if it is revoked.
   *
   * @throws {AuthError} `token_revoked`, `revocation_unavailable`
   */
  rejectRevoked(token: KnownToken, hash: string): Promise<AuthenticatedViewer>;
  /** Has tokens verified again if they are sent again. */
  forget(isForgotten: (viewer: AuthenticatedViewer) => boolean): void;
  /** The token of a viewer, if tokens are kept. */
  textOf(viewer: AuthenticatedViewer): string | undefined;
  /** Whether tokens of at least one issuer can be verified now. */
  ready(): boolean;
  statistics(): AuthenticatorStatistics;
  /** Fetches what is due: keys, and introspection endpoints. Rejects if an issuer has none. */
  warmUp(): Promise<void>;
}

/** A token that is verified, and the bytes that its claims were read from. */
interface AcceptedToken {
  readonly known: KnownToken;
  readonly length: number;
}

/** Creates a verifier that knows no tokens. */
export function createTokenVerifier(settings: AuthenticatorSettings): TokenVerifier {
  const { now, revocations, tenants } = settings;
  const issuers = [...settings.issuers.values()];
  const knownTokens = createKnownTokens(settings);
  const opaqueTokens = createOpaqueTokens(settings, accept);
  const checkRevocation = revocations && createRevocationCheck(revocations);
  // Not on the viewer, which resolvers log and send. As long as it, so that streams can exchange too.
  const texts = settings.keepAccessTokens ? new WeakMap<AuthenticatedViewer, string>() : undefined;

  /** Checks what is the same for all tokens, however they are verified. */
  function accept(token: AccessToken): AcceptedToken {
    const { lifetime, confirmation, source, length } = token;
    const viewer = createTokenViewer(token);
    checkTokenLifetime(viewer, revocations?.maxTokenLifetime, now());
    return { known: { viewer, lifetime, confirmation, source }, length };
  }

  return {
    find: tenants === undefined ? knownTokens.find : createTenantLookup(tenants, knownTokens),
    async verify(text, hash, request) {
      const { drops } = knownTokens;
      const { known, length } =
        opaqueTokens !== undefined && text.length <= settings.maxTokenBytes && isOpaqueToken(text)
          ? await opaqueTokens.verify(text, hash, knownTokens.has(hash))
          : accept(await verifyAccessToken(text, settings, request));
      texts?.set(known.viewer, text);
      // A text that is kept counts as well.
      const kept = texts === undefined ? length : length + text.length;
      if (knownTokens.drops === drops) knownTokens.add(hash, kept, known);
      return known;
    },
    checkRevocation,
    async rejectRevoked({ viewer, source }, hash) {
      try {
        await checkRevocation?.(viewer);
        return viewer;
      } catch (error) {
        if (error instanceof AuthError && error.reason === 'token_revoked') {
          knownTokens.delete(hash);
          texts?.delete(viewer);
          // Otherwise, each request with the token would be one to its issuer.
          if (source.kind === 'introspection') opaqueTokens?.reject(hash, error);
        }
        throw error;
      }
    },
    forget(isForgotten) {
      knownTokens.drop((viewer) => {
        if (!isForgotten(viewer)) return false;
        texts?.delete(viewer);
        return true;
      });
      opaqueTokens?.forget();
    },
    textOf: (viewer) => texts?.get(viewer),
    ready: () =>
      tenants !== undefined ||
      issuers.some(({ keys }) => keys.hasUsableKeys()) ||
      (opaqueTokens?.ready() ?? false),
    statistics: () => ({
      knownTokens: knownTokens.statistics(),
      issuers: issuers.map(({ issuer, keys }) => ({ issuer, ...keys.statistics() })),
      ...(opaqueTokens ? { introspection: opaqueTokens.statistics() } : {}),
    }),
    async warmUp() {
      const outcomes = await Promise.allSettled(
        issuers.map(({ keys, introspection }) =>
          introspection === undefined ? keys.getKeys(undefined) : opaqueTokens?.warmUp(),
        ),
      );
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}
