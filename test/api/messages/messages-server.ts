import { readFileSync } from 'node:fs';
import * as definition from '../../../src/api/index.ts';
import { createMessages } from '../../../src/api/messages/index.ts';
import { viewerId } from '../../../src/authentication/viewer.ts';
import type { Database } from '../../../src/database/database.ts';
import { buildApi } from '../../../src/server/build-api.ts';
import { type EventReader, readEvents } from '../../subscriptions/read-events.ts';
import { type GraphqlResponse, operate } from '../../support/http.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { createTestIssuer } from '../../support/tokens.ts';

/** A database of tests. */
export interface TestDatabase {
  readonly url: string;
  /** Deletes all messages. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Sends operations as one person. */
export interface Person {
  readonly subject: string;
  readonly id: string;
  readonly token: string;
  send(query: string, variables?: Readonly<Record<string, unknown>>): Promise<GraphqlResponse>;
  /** The data of a response without errors. */
  run(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Data>;
  /** The results of a subscription, over SSE. */
  subscribe(query: string): Promise<EventReader>;
}

/** What the tests select of responses. */
interface Data {
  readonly messages: {
    readonly totalCount: number;
    readonly edges: readonly { readonly cursor: string; readonly node: MessageData }[];
    readonly pageInfo: Readonly<Record<string, unknown>> & { readonly endCursor: string };
  };
  readonly message: MessageData | null;
  readonly postMessage: MessageData;
  readonly editMessage: MessageData | null;
  readonly deleteMessage: string | null;
}

interface MessageData {
  readonly id: string;
  readonly author: string;
  readonly text: string;
  readonly visibility: 'PUBLIC' | 'PRIVATE';
  readonly postedAt: string;
  readonly editedAt: string | null;
}

/** The API with messages, in a database. */
export interface MessagesServer extends TestServer {
  /** How many transactions there have been. */
  transactions(): number;
  /** Someone with these scopes, by default all of messages. */
  as(subject: string, scope?: string): Person;
}

const typeDefs = readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8');
const issuer = createTestIssuer();

/** Starts the API. Servers share a clock and an issuer. */
export async function startMessages({ url }: Pick<TestDatabase, 'url'>): Promise<MessagesServer> {
  const module = createMessages(issuer.clock);
  let transactions = 0;
  const counted = (database: Database): Database => ({
    ...database,
    transactionAs(...args) {
      transactions += 1;
      return database.transactionAs(...args);
    },
  });
  const api = buildApi({
    ...definition,
    typeDefs,
    modules: [
      {
        ...module,
        createContext: (viewer, request, { database, ...services }) =>
          module.createContext?.(viewer, request, {
            ...services,
            ...(database ? { database: counted(database) } : {}),
          }) ?? {},
      },
    ],
  });
  const server = await startTestServer({ DATABASE_URL: url }, issuer, api);
  return {
    ...server,
    transactions: () => transactions,
    as(subject, scope = 'read:messages write:messages delete:messages') {
      const token = issuer.sign({ claims: { sub: subject, scope } });
      const send: Person['send'] = (query, variables) =>
        operate(server.endpoint, query, { token, ...(variables ? { variables } : {}) });
      return {
        subject,
        id: viewerId({ issuer: issuer.issuer, subject }),
        token,
        send,
        async run(query, variables) {
          const { body, text } = await send(query, variables);
          if (!hasData(body)) throw new Error(text);
          return body.data;
        },
        async subscribe(query) {
          const headers = {
            Accept: 'text/event-stream',
            Authorization: `Bearer ${token}`,
            'Content-Type': 'application/json',
          };
          const body = JSON.stringify({ query });
          return readEvents(await fetch(server.endpoint, { method: 'POST', headers, body }));
        },
      };
    },
  };
}

/** Types are checked by the schema. */
function hasData(body: object): body is { readonly data: Data } {
  return !('errors' in body) && 'data' in body && body.data !== null;
}
