import { sha256 } from '../../shared/sha256.ts';
import { getOwn } from '../token/json.ts';
import { type AuthenticatedViewer, viewerId } from '../viewer.ts';

/** Which tokens of an issuer are revoked. */
export type Revocation = {
  /** Exactly as in the claim `iss`. */
  readonly issuer: string;
} & (
  | {
      /** The claim `jti` of the one token that is revoked. */
      readonly tokenId: string;
    }
  | {
      /** All tokens with this claim `sid`, whenever they are issued. */
      readonly sessionId: string;
      /**
       * The claim `sub` of the session. Its tokens that do not name their session, and were issued before
       * `issuedBefore`, are revoked too, because they can be of this one. Default: they are not.
       */
      readonly subject?: string;
      /** As below. Only with `subject`. */
      readonly issuedBefore?: Date;
    }
  | {
      /** The claim `sub`, or `viewer.subject`: all its tokens that were issued before `issuedBefore`. */
      readonly subject: string;
      /**
       * Tokens whose `iat` is this time or earlier are revoked, and all without `iat`. Default: now, and 5
       * seconds for clocks that differ.
       */
      readonly issuedBefore?: Date;
    }
);

/** One entry of a revocation list. */
export interface RevocationEntry {
  /** 43 characters of base64url: a hash of what is revoked, from which it cannot be read. */
  readonly id: string;
  /**
   * Tokens that were issued at this time or earlier are revoked, in milliseconds since the epoch; null for
   * all tokens.
   */
  readonly issuedBefore: number | null;
}

/** Milliseconds by which the clock of the issuer can be ahead. */
const clockToleranceMs = 5_000;

/** JSON is unambiguous. */
const idOf = (kind: 'jti' | 'sid' | 'sub without sid', issuer: string, value: string): string =>
  sha256(JSON.stringify([kind, issuer, value]));

/**
 * The entries for a revocation.
 *
 * @param now milliseconds since the epoch
 * @throws {TypeError} if it is not a valid one
 */
export function toEntries(revocation: Revocation, now: number): readonly RevocationEntry[] {
  checkRevocation(revocation);
  const { issuer } = revocation;
  if ('tokenId' in revocation) {
    return [{ id: idOf('jti', issuer, revocation.tokenId), issuedBefore: null }];
  }
  const { subject, issuedBefore: date } = revocation;
  const issuedBefore = date === undefined ? now + clockToleranceMs : date.getTime();
  if (!('sessionId' in revocation)) {
    return [{ id: viewerId({ issuer, subject: revocation.subject }), issuedBefore }];
  }
  return [
    { id: idOf('sid', issuer, revocation.sessionId), issuedBefore: null },
    ...(subject === undefined
      ? []
      : [{ id: idOf('sub without sid', issuer, subject), issuedBefore }]),
  ];
}

/** The IDs of the entries by which the token of a viewer can be revoked. */
export function entryIdsOf({ issuer, subject, claims }: AuthenticatedViewer): readonly string[] {
  const session = getOwn(claims, 'sid');
  const tokenId = getOwn(claims, 'jti');
  return [
    // Not `id`: of a client without subject, that is another one.
    viewerId({ issuer, subject }),
    typeof session === 'string'
      ? idOf('sid', issuer, session)
      : idOf('sub without sid', issuer, subject),
    ...(typeof tokenId === 'string' ? [idOf('jti', issuer, tokenId)] : []),
  ];
}

const forms: readonly (readonly string[])[] = [
  ['issuer', 'tokenId'],
  ['issuer', 'sessionId'],
  ['issuer', 'sessionId', 'subject'],
  ['issuer', 'sessionId', 'subject', 'issuedBefore'],
  ['issuer', 'subject'],
  ['issuer', 'subject', 'issuedBefore'],
];

/** Otherwise, a misspelled member would revoke something else, or nothing. */
function checkRevocation(revocation: Revocation): void {
  const members = Object.entries(revocation).filter(([, value]) => value !== undefined);
  const isForm = forms.some(
    (form) => form.length === members.length && members.every(([name]) => form.includes(name)),
  );
  const isValid = members.every(([name, value]) =>
    name === 'issuedBefore'
      ? value instanceof Date && !Number.isNaN(value.getTime())
      : typeof value === 'string' && value !== '',
  );
  if (isForm && isValid) return;
  throw new TypeError(
    'A revocation must have issuer and one of tokenId, sessionId and subject, all non-empty strings; sessionId and subject can be combined, and a subject can have issuedBefore, a Date.',
  );
}
