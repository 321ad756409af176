/** A query to try. */
export interface SampleQuery {
  /** The fragment of its URL, without the #. */
  readonly name: string;
  readonly title: string;
  /** Who is allowed to run it. */
  readonly access: string;
  readonly text: string;
}

/** The value of each field in the queries below. */
export interface Greeting {
  readonly message: string;
  readonly subject: string | null;
}

/** The data of a result, by field. A denied field is null. */
export type Greetings = Readonly<Record<string, Greeting | null>>;

const selectGreeting = (name: string, field: string) =>
  `query ${name} {\n  ${field} {\n    message\n    subject\n  }\n}`;

const publicQuery: SampleQuery = {
  name: 'public',
  title: 'Public',
  access: 'Anyone, signed in or not.',
  text: selectGreeting('Public', 'public'),
};

export const queries: readonly SampleQuery[] = [
  publicQuery,
  {
    name: 'private',
    title: 'Private',
    access: 'Any signed-in user.',
    text: selectGreeting('Private', 'private'),
  },
  {
    name: 'scoped',
    title: 'Scoped',
    access: 'Users with the scope read:messages.',
    text: selectGreeting('Scoped', 'privateScoped'),
  },
  {
    name: 'admin',
    title: 'Admin',
    access: 'Users with the scope admin:write.',
    text: selectGreeting('Admin', 'admin'),
  },
  {
    name: 'all',
    title: 'All',
    access: 'Anyone. You see the fields you have access to, and why the others are denied.',
    text: 'query All {\n  public { message subject }\n  private { message subject }\n  privateScoped { message subject }\n  admin { message subject }\n}',
  },
];

/** The query that a URL fragment names, or the public one. */
export function queryAt(hash: string): SampleQuery {
  return queries.find(({ name }) => `#${name}` === hash) ?? publicQuery;
}
