import { sha256 } from '../../shared/sha256.ts';

/** Longer tokens are not remembered. */
const maxTokenLength = 4_096;

/** The SHA-256 hashes of tokens. Remembers the last one of each connection. */
export class TokenHashes {
  readonly #last = new WeakMap<object, { readonly token: string; readonly hash: string }>();

  get(token: string, connection: object | undefined): string {
    const last = connection && this.#last.get(connection);
    if (last?.token === token) return last.hash;
    const hash = sha256(token);
    if (connection !== undefined && token.length <= maxTokenLength) {
      this.#last.set(connection, { token, hash });
    }
    return hash;
  }
}
