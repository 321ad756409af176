import type { TadaDocumentNode } from 'gql.tada';
import { adminQuery, allQuery, privateQuery, publicQuery, scopedQuery } from './documents.ts';

/** A query to try. */
export interface SampleQuery {
  /** The fragment of its URL, without the #. */
  readonly name: string;
  readonly title: string;
  /** Who is allowed to run it. */
  readonly access: string;
  readonly document: TadaDocumentNode<Greetings, Record<string, never>>;
}

/** The value of each field in these queries. */
export interface Greeting {
  readonly message: string;
  readonly subject: string | null;
}

/** The data of a result, by field. A field that is not allowed is null. */
export type Greetings = Readonly<Record<string, Greeting | null>>;

const first: SampleQuery = {
  name: 'public',
  title: 'Public',
  access: 'Anyone, signed in or not.',
  document: publicQuery,
};

export const queries: readonly SampleQuery[] = [
  first,
  {
    name: 'private',
    title: 'Private',
    access: 'Any signed-in user.',
    document: privateQuery,
  },
  {
    name: 'scoped',
    title: 'Scoped',
    access: 'Users with the scope read:messages.',
    document: scopedQuery,
  },
  {
    name: 'admin',
    title: 'Admin',
    access: 'Users with the scope admin:write.',
    document: adminQuery,
  },
  {
    name: 'all',
    title: 'All',
    access: 'Anyone. You see the data that you have access to, and why the rest is not allowed.',
    document: allQuery,
  },
];
