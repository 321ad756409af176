import { readActors } from '../authentication/token/actors.ts';
import { readClientId } from '../authentication/token/client.ts';
import { getOwn } from '../authentication/token/json.ts';
import { type AuthenticatedViewer, viewerId } from '../authentication/viewer.ts';
import type { JsonObject } from '../shared/type-guards.ts';

/** Options for `viewerWith`. */
export interface ViewerTraits {
  /** Default: none. */
  readonly scopes?: Iterable<string>;
  /**
   * Claims in addition to `sub` and `iss`, or all of those of a token. Times are in seconds since the
   * epoch, as in tokens.
   */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Default: the claim `sub`, or else `test-user`. */
  readonly subject?: string;
  /** Default: the claim `iss`, or else `https://issuer.test/`. */
  readonly issuer?: string;
  /** Default: the claim `exp`, or else in an hour. */
  readonly expiresAt?: Date;
}

/**
 * Creates an authenticated viewer for tests, as if a token with these scopes and claims had been
 * verified. Pass it as `{ viewer }` in the context of an execution, or to `findRefusals` and
 * `expectAccess`. Its `id` is derived from `issuer` and `subject`, as for real requests.
 *
 * @example
 * ```ts
 * const viewer = viewerWith({ scopes: ['read:messages'], claims: { email: 'ada@example.com' } });
 * const result = await execute({ schema, document, contextValue: { viewer } });
 * ```
 */
export function viewerWith(traits: ViewerTraits = {}): AuthenticatedViewer {
  const { scopes = [], claims = {} } = traits;
  const {
    subject = readText(claims, 'sub') ?? 'test-user',
    issuer = readText(claims, 'iss') ?? 'https://issuer.test/',
    expiresAt = readExpiration(claims) ?? new Date(Date.now() + 60 * 60 * 1000),
  } = traits;
  const clientId = readClientId(claims);
  const actors = readActors(claims);
  return {
    kind: 'authenticated',
    id: viewerId({ issuer, subject }),
    subject,
    issuer,
    ...(clientId === undefined ? {} : { clientId }),
    ...(actors === undefined ? {} : { actors }),
    scopes: new Set(scopes),
    claims: { ...claims, sub: subject, iss: issuer },
    expiresAt,
  };
}

function readText(claims: JsonObject, name: string): string | undefined {
  const value = getOwn(claims, name);
  return typeof value === 'string' ? value : undefined;
}

function readExpiration(claims: JsonObject): Date | undefined {
  const seconds = getOwn(claims, 'exp');
  return typeof seconds === 'number' ? new Date(seconds * 1000) : undefined;
}
