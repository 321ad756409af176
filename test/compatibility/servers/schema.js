import { makeExecutableSchema } from '@graphql-tools/schema';
import { authDirectives, guardSchema } from 'graphql-resource-server';

const typeDefs = [
  authDirectives,
  /* GraphQL */ `
    type Query {
      public: String
      private: String @auth
      scoped: String @auth(scope: "read:messages")
      eitherScope: String @auth(scope: ["read:reports write:reports", "admin:reports admin:all"])
      claimed: String @auth(claims: "org_id")
      allowedByPolicy(room: String!): String @auth(policy: "isOwnRoom")
      steppedUp: String @auth(acr: "strong", maxAge: 300)
      subject: String @auth
      books: [Book!]!
      items: [Item]
      "How many mutations have run."
      mutationCount: Int!
    }

    type Book {
      title: String!
      sequel: Book
      notes: String @auth(scope: "read:notes")
    }

    interface Item {
      name: String!
    }
    type OpenItem implements Item {
      name: String!
    }
    type SecretItem implements Item @auth(scope: "read:secrets") {
      name: String!
    }

    type Mutation {
      addOpenly: Int
      add: Int @auth(scope: "write:messages")
      addToRoom(room: String!): Int @auth(policy: "isOwnRoom")
    }

    type Subscription {
      countdown: Int
      privateCountdown: Int @auth
    }
  `,
];

async function* countDown() {
  yield 2;
  yield 1;
}

/** A schema with public and guarded fields. Each call has a counter of its own. */
export function createGuardedSchema() {
  let mutationCount = 0;
  const add = () => {
    mutationCount += 1;
    return mutationCount;
  };
  const resolvers = {
    Query: {
      public: () => 'public',
      private: () => 'private',
      scoped: () => 'scoped',
      eitherScope: () => 'either scope',
      claimed: () => 'claimed',
      allowedByPolicy: () => 'allowed by a policy',
      steppedUp: () => 'stepped up',
      subject: (_source, _args, { viewer }) => viewer.subject,
      books: () => [
        { title: 'Emma', notes: 'Lent to Ann.' },
        { title: 'Persuasion', notes: null },
      ],
      items: () => [
        { __typename: 'OpenItem', name: 'lamp' },
        { __typename: 'SecretItem', name: 'key' },
      ],
      mutationCount: () => mutationCount,
    },
    Mutation: { addOpenly: add, add, addToRoom: add },
    Subscription: {
      countdown: { subscribe: countDown, resolve: (count) => count },
      privateCountdown: { subscribe: countDown, resolve: (count) => count },
    },
  };
  return guardSchema(makeExecutableSchema({ typeDefs, resolvers }), {
    policies: {
      isOwnRoom: ({ viewer, args }) =>
        viewer.kind === 'authenticated' && viewer.claims.room === args.room,
    },
  });
}
