/** What GraphiQL keeps its state in. */
type PageStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'clear' | 'length'>;

/** How GraphiQL's names begin. */
const prefix = 'graphiql:';

/**
 * The entries of GraphiQL's history, and the list in each. It keeps the Headers tab of each operation,
 * whatever its settings say.
 */
const histories: ReadonlyMap<string, string> = new Map(
  ['queries', 'favorites'].map((list) => [`${prefix}${list}`, list]),
);

/** A storage for GraphiQL that never holds what was typed into the Headers tab, such as a token. */
export function createStorage(storage: PageStorage & Pick<Storage, 'key'>): PageStorage {
  const names = (): string[] =>
    Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').filter((name) =>
      name.startsWith(prefix),
    );
  return {
    getItem(name) {
      const value = storage.getItem(name);
      const list = histories.get(name);
      // GraphiQL renders nothing if it cannot read its history.
      return value === null || list === undefined || isHistory(value, list) ? value : null;
    },
    setItem(name, value) {
      if (name === `${prefix}headers`) return;
      storage.setItem(name, histories.has(name) ? withoutHeaders(value) : value);
    },
    removeItem: (name) => storage.removeItem(name),
    // Other pages of this origin keep theirs.
    clear() {
      for (const name of names()) storage.removeItem(name);
    },
    get length() {
      return names().length;
    },
  };
}

function withoutHeaders(history: string): string {
  return JSON.stringify(JSON.parse(history), (name, value: unknown) =>
    name === 'headers' ? undefined : value,
  );
}

function isHistory(text: string, list: string): boolean {
  try {
    const operations: unknown = JSON.parse(text)?.[list];
    return (
      Array.isArray(operations) &&
      operations.every((operation) => typeof operation === 'object' && operation !== null)
    );
  } catch {
    return false;
  }
}
