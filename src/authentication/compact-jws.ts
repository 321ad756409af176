import { AuthError } from './auth-error.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { parseStrictJson } from './strict-json.ts';

/** A token whose form is right; nothing in it has been believed yet. */
export interface CompactJws {
  readonly header: JsonObject;
  readonly payload: JsonObject;
}

const maxTokenLength = 8192;

/**
 * Takes a JWS in compact serialization apart (RFC 7515 §7.1) and insists on the one encoding that
 * each token has: libraries that decode leniently see the same token in many strings.
 *
 * Not checked: the signature, and anything that the header or the payload say.
 *
 * @throws {AuthError} `token_too_long`, `token_not_jws`, `token_not_canonical`, `token_json`
 */
export function readCompactJws(token: string): CompactJws {
  if (token.length > maxTokenLength) throw new AuthError('token_too_long');
  const [header, payload, signature, ...more] = token.split('.');
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) {
    throw new AuthError('token_not_jws');
  }
  const headerBytes = decodeSegment(header);
  const payloadBytes = decodeSegment(payload);
  decodeSegment(signature);
  return { header: parseObject(headerBytes), payload: parseObject(payloadBytes) };
}

/** Base64url without padding, white space or spare bits (RFC 4648 §3.5, §5). */
function decodeSegment(segment: string): Uint8Array {
  const bytes = Buffer.from(segment, 'base64url');
  if (bytes.toString('base64url') !== segment) throw new AuthError('token_not_canonical');
  return bytes;
}

function parseObject(bytes: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = parseStrictJson(bytes);
  } catch {
    // The parser's error quotes the token, so it is not kept as the cause.
    throw new AuthError('token_json');
  }
  if (!isJsonObject(value)) throw new AuthError('token_json');
  return value;
}
