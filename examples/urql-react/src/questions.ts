/** Something to ask the API. */
export interface Question {
  /** Its place in the address bar, behind the #. */
  readonly name: string;
  readonly title: string;
  readonly who: string;
  readonly query: string;
}

/** What one field of an answer holds. */
export interface Greeting {
  readonly message: string;
  readonly subject: string | null;
}

/** An answer; a field that was refused is null. */
export type Greetings = Readonly<Record<string, Greeting | null>>;

const ask = (name: string, field: string) =>
  `query ${name} {\n  ${field} {\n    message\n    subject\n  }\n}`;

const publicQuestion: Question = {
  name: 'public',
  title: 'Public',
  who: 'Everybody, signed in or not.',
  query: ask('Public', 'public'),
};

export const questions: readonly Question[] = [
  publicQuestion,
  {
    name: 'private',
    title: 'Private',
    who: 'Everybody who is signed in.',
    query: ask('Private', 'private'),
  },
  {
    name: 'scoped',
    title: 'Scoped',
    who: 'Whoever has the scope read:messages.',
    query: ask('Scoped', 'privateScoped'),
  },
  {
    name: 'admin',
    title: 'Admin',
    who: 'Whoever has the scope admin:write.',
    query: ask('Admin', 'admin'),
  },
  {
    name: 'all',
    title: 'All',
    who: 'Everybody; each sees what they may, and what they may not.',
    query:
      'query All {\n  public { message subject }\n  private { message subject }\n  privateScoped { message subject }\n  admin { message subject }\n}',
  },
];

/** The question of an address; the public one where it names none. */
export function questionAt(hash: string): Question {
  return questions.find(({ name }) => `#${name}` === hash) ?? publicQuestion;
}
