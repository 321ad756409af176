import { nodeBuffer } from './node-modules.ts';

/** Encodes bytes in base64url without padding (RFC 4648 §5). */
export function encodeBase64url(bytes: Uint8Array): string {
  if (nodeBuffer !== undefined) {
    return nodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
  }
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/**
 * Decodes base64url or base64.
 *
 * Not checked: whether the encoding is canonical. `decodeCanonicalBase64url` checks that.
 *
 * @returns undefined, or with Node what can be read of it, if it is neither
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  if (nodeBuffer !== undefined) return nodeBuffer.from(text, 'base64url');
  try {
    const decoded = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(decoded, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/**
 * Decodes the canonical base64url encoding of bytes: without padding, white space or non-zero spare
 * bits (RFC 4648 §3.5, §5).
 *
 * @returns undefined if it is anything else
 */
export function decodeCanonicalBase64url(text: string): Uint8Array | undefined {
  const bytes = decodeBase64url(text);
  return bytes !== undefined && encodeBase64url(bytes) === text ? bytes : undefined;
}
