import { isJsonObject, type JsonObject } from './json-object.ts';
import { parseStrictJson } from './strict-json.ts';

/** A JWS whose form is right; nothing in it has been believed yet. */
export interface CompactJws {
  readonly kind: 'jws';
  readonly header: JsonObject;
  readonly payload: JsonObject;
}

/** What is wrong with the form of a text that should be a JWS. */
export interface MalformedJws {
  readonly kind: 'malformed';
  readonly fault: 'too_long' | 'not_jws' | 'not_canonical' | 'json';
}

const maxLength = 8192;

const malformed = (fault: MalformedJws['fault']): MalformedJws => ({ kind: 'malformed', fault });

/**
 * Takes a JWS in compact serialization apart (RFC 7515 §7.1) and insists on the one encoding that
 * each has: libraries that decode leniently see the same JWS in many strings. At most 8 KiB.
 *
 * Not checked: the signature, and anything that the header or the payload say.
 */
export function readCompactJws(text: string): CompactJws | MalformedJws {
  if (text.length > maxLength) return malformed('too_long');
  const segments = text.split('.');
  if (segments.length !== 3) return malformed('not_jws');
  const [headerBytes, payloadBytes, signatureBytes] = segments.map(decodeSegment);
  if (!headerBytes || !payloadBytes || !signatureBytes) return malformed('not_canonical');
  const header = parseObject(headerBytes);
  const payload = parseObject(payloadBytes);
  return header && payload ? { kind: 'jws', header, payload } : malformed('json');
}

/** Base64url without padding, white space or spare bits (RFC 4648 §3.5, §5). */
function decodeSegment(segment: string): Uint8Array | undefined {
  const bytes = Buffer.from(segment, 'base64url');
  return bytes.toString('base64url') === segment ? bytes : undefined;
}

function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = parseStrictJson(bytes);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // The parser's error quotes the text, so it is not kept.
    return undefined;
  }
}
