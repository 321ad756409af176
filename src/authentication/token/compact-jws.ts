import { decodeCanonicalBase64url } from '../../shared/base64url.ts';
import { isJsonObject, type JsonObject } from '../../shared/type-guards.ts';
import { parseStrictJson } from './json.ts';

/** A well-formed JWS. Nothing in it has been verified. */
export interface CompactJws {
  readonly kind: 'jws';
  /** The compact serialization. */
  readonly text: string;
  readonly header: JsonObject;
  readonly payload: JsonObject;
  readonly signature: Uint8Array;
}

/** Why a string is not a well-formed JWS. */
export interface MalformedJws {
  readonly kind: 'malformed';
  readonly problem: 'too_long' | 'not_jws' | 'not_canonical' | 'json';
}

/** The size of a JWS, in characters of ASCII: unless configured, and what can be configured. */
export const jwsLength = { default: 8_192, min: 1_024, max: 65_536 };

const malformed = (problem: MalformedJws['problem']): MalformedJws => ({
  kind: 'malformed',
  problem,
});

/**
 * Decodes a JWS in compact serialization (RFC 7515 §7.1) of at most `maxLength` characters. Only
 * the canonical encoding is accepted: lenient decoders read many different strings as the same JWS.
 *
 * Not checked: the signature, and the members of header and payload.
 */
export function readCompactJws(text: string, maxLength: number): CompactJws | MalformedJws {
  if (text.length > maxLength) return malformed('too_long');
  const segments = text.split('.');
  if (segments.length !== 3) return malformed('not_jws');
  const [headerBytes, payloadBytes, signatureBytes] = segments.map(decodeCanonicalBase64url);
  if (!headerBytes || !payloadBytes || !signatureBytes) return malformed('not_canonical');
  const header = parseObject(headerBytes);
  const payload = parseObject(payloadBytes);
  if (!header || !payload) return malformed('json');
  return { kind: 'jws', text, header, payload, signature: signatureBytes };
}

/**
 * Whether a header requires an extension. None is supported: neither `crit` (RFC 7515 §4.1.11) nor
 * an unencoded payload, which a JWT must not have (RFC 7797 §7).
 */
export const requiresExtension = (header: JsonObject): boolean =>
  Object.hasOwn(header, 'crit') || (Object.hasOwn(header, 'b64') && header.b64 !== true);

function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = parseStrictJson(bytes);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // The parser's error quotes the text, so it is dropped.
    return undefined;
  }
}
