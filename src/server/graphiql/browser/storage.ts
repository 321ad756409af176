/** What GraphiQL keeps its state in. */
type PageStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'clear' | 'length'>;

/** How GraphiQL's names begin. */
const prefix = 'graphiql:';

/** The history of GraphiQL, which keeps the Headers tab of each operation, whatever its settings say. */
const histories = [`${prefix}queries`, `${prefix}favorites`];

/** A storage for GraphiQL that never holds what was typed into the Headers tab, such as a token. */
export function createStorage(storage: PageStorage & Pick<Storage, 'key'>): PageStorage {
  const names = (): string[] =>
    Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').filter((name) =>
      name.startsWith(prefix),
    );
  return {
    getItem: (name) => storage.getItem(name),
    setItem(name, value) {
      if (name === `${prefix}headers`) return;
      storage.setItem(name, histories.includes(name) ? withoutHeaders(value) : value);
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
