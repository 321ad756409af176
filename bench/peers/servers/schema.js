/** The data that every server returns, so that all responses have the same bytes. */
export const greeting = { message: 'Hello from a field for those who may read messages.' };

const items = Array.from({ length: 1_000 }, (_, index) => ({
  id: index,
  name: `Item ${index}`,
  price: index / 4,
  stock: index % 50,
  isNew: index % 3 === 0,
}));

export const resolvers = {
  Query: {
    guarded: () => greeting,
    open: () => greeting,
    guardedItems: () => items,
    openItems: () => items,
  },
};

/** The types of every GraphQL server. `guard` is the directive that requires `read:messages`. */
export const typesWith = (guard) => /* GraphQL */ `
  type Query {
    guarded: Greeting ${guard}
    open: Greeting
    guardedItems: [GuardedItem!]
    openItems: [OpenItem!]
  }

  type Greeting {
    message: String!
  }

  type GuardedItem {
    id: Int ${guard}
    name: String ${guard}
    price: Float ${guard}
    stock: Int ${guard}
    isNew: Boolean ${guard}
  }

  type OpenItem {
    id: Int
    name: String
    price: Float
    stock: Int
    isNew: Boolean
  }
`;
