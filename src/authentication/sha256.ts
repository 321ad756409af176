import * as crypto from 'node:crypto';

/** The SHA-256 of the UTF-8 encoding of a text, in base64url: 43 characters. */
export function sha256(text: string): string {
  // Takes half of the time, but not every runtime has it.
  if (typeof crypto.hash === 'function') return crypto.hash('sha256', text, 'base64url');
  return crypto.createHash('sha256').update(text).digest('base64url');
}
