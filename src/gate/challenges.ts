import { LRUCache } from 'lru-cache';
import type { AuthScheme } from '../authentication/auth-error-reasons.ts';
import {
  buildChallenge,
  type ChallengeContent,
  type ChallengeSettings,
} from '../authentication/challenge.ts';

/** Clients choose which scopes are missing together. Sizes are in characters. */
const limits = { max: 500, maxSize: 500_000, maxEntrySize: 10_000 };

/**
 * Writes the challenges of one gate, and remembers them: refusals for the same reason have the same.
 * They contain nothing of a token, and neither do their keys.
 */
export class Challenges {
  /** The accepted schemes. */
  readonly schemes: readonly AuthScheme[];
  readonly #settings: Omit<ChallengeSettings, 'schemes'>;
  readonly #known = new LRUCache<string, string>({
    ...limits,
    sizeCalculation: (text, key) => text.length + key.length,
  });

  constructor({ schemes, ...settings }: ChallengeSettings) {
    this.schemes = schemes;
    this.#settings = settings;
  }

  write(content: ChallengeContent): string {
    const { scheme, scope, acrValues, maxAge, error } = content;
    const description = error === undefined ? undefined : content.errorDescription;
    const key = JSON.stringify([scheme, error, maxAge, description, scope, acrValues]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const text = buildChallenge({ ...this.#settings, ...content });
    this.#known.set(key, text);
    return text;
  }
}
