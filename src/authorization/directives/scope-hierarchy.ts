import { isObject } from '../../shared/type-guards.ts';

/** The characters of a scope token (RFC 6749 §3.3). */
export const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** Which scopes imply which others: `{ 'admin:write': ['read:messages'] }`. */
export type ScopeImplications = Readonly<Record<string, readonly string[]>>;

/** Scopes that a viewer has, or counts as having. */
export type HeldScopes = Pick<ReadonlySet<string>, 'has'>;

/** The scopes that imply others, directly or through further ones. */
export class ScopeHierarchy {
  /** For each scope that implies others: those, and what they imply. */
  readonly #implied: ReadonlyMap<string, ReadonlySet<string>>;
  /** For each implied scope: everything that implies it. */
  readonly #broader: ReadonlyMap<string, readonly string[]>;

  /** @throws {TypeError} With the first problem, such as the scopes of a cycle. */
  constructor(implications: ScopeImplications) {
    const direct = readImplications(implications);
    this.#implied = new Map([...direct.keys()].map((scope) => [scope, findImplied(scope, direct)]));
    const broader = new Map<string, string[]>();
    for (const [scope, implied] of this.#implied) {
      for (const one of implied) broader.set(one, [...(broader.get(one) ?? []), scope]);
    }
    this.#broader = broader;
  }

  /** The scopes, and everything that they imply. */
  withImplied(scopes: Iterable<string>): ReadonlySet<string> {
    const all = new Set(scopes);
    for (const scope of scopes) for (const one of this.#implied.get(scope) ?? []) all.add(one);
    return all;
  }

  /** The scopes that imply this one. */
  broaderThan(scope: string): readonly string[] {
    return this.#broader.get(scope) ?? [];
  }

  /** Whether a viewer with these scopes has this one, be it by another that implies it. */
  isHeld(scope: string, held: HeldScopes): boolean {
    if (held.has(scope)) return true;
    return this.#broader.get(scope)?.some((other) => held.has(other)) ?? false;
  }

  /** Like a set of the scopes and everything that they imply, without copying anything. */
  heldBy(held: HeldScopes): HeldScopes {
    return { has: (scope) => this.isHeld(scope, held) };
  }

  /** The scopes without those that others of them imply. */
  reduce(scopes: ReadonlySet<string>): ReadonlySet<string> {
    const isImplied = (scope: string): boolean =>
      this.broaderThan(scope).some((other) => scopes.has(other));
    return new Set([...scopes].filter((scope) => !isImplied(scope)));
  }
}

function readImplications(implications: unknown): ReadonlyMap<string, readonly string[]> {
  if (!isObject(implications) || Array.isArray(implications)) {
    throw new TypeError(
      "scopeHierarchy must be an object of lists, such as { 'admin:write': ['read:messages'] }.",
    );
  }
  return new Map(
    Object.entries(implications).map(([scope, implied]) => {
      if (!scopeToken.test(scope)) {
        throw new TypeError(
          `scopeHierarchy: ${JSON.stringify(scope)} is not a scope, which has printable ASCII characters other than spaces, quotes and backslashes.`,
        );
      }
      if (!Array.isArray(implied) || !implied.every(isScope)) {
        throw new TypeError(
          `scopeHierarchy: ${scope} must have a list of the scopes that it implies, such as ['read:messages'].`,
        );
      }
      return [scope, implied];
    }),
  );
}

const isScope = (value: unknown): value is string =>
  typeof value === 'string' && scopeToken.test(value);

/** @throws {TypeError} If a scope implies itself. */
function findImplied(
  scope: string,
  direct: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  /** Each with the scope that implies it directly. */
  const found = new Map<string, string>();
  const pending = [scope];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const implied of direct.get(next) ?? []) {
      if (implied === scope) {
        const cycle = [scope];
        for (let at: string | undefined = next; at !== undefined && at !== scope; ) {
          cycle.unshift(at);
          at = found.get(at);
        }
        throw new TypeError(
          `scopeHierarchy has a cycle: ${[scope, ...cycle].join(' implies ')}. Remove one of them.`,
        );
      }
      if (found.has(implied)) continue;
      found.set(implied, next);
      pending.push(implied);
    }
  }
  return new Set(found.keys());
}
