import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga, type YogaInitialContext } from 'graphql-yoga';
import type { DestinationStream } from 'pino';
import {
  type AuthContext,
  AuthError,
  anonymous,
  authDirectives,
  type ConcurrencyLimits,
  guardSchema,
  useAuth,
} from '../../src/index.ts';
import { rejectUpgrade } from '../../src/server/http/upgrade.ts';
import { createLogger } from '../../src/server/logger.ts';
import { createWebSockets, type WebSockets } from '../../src/server/web-sockets.ts';
import { connectAs, type RawSocket } from '../subscriptions/raw-socket.ts';
import { createTestClock, type TestTimers } from '../support/clock.ts';

/** The WebSocket server of the API, with credentials that are names and operations that wait. */
export interface SocketServer {
  readonly url: string;
  readonly port: number;
  readonly clock: TestTimers;
  readonly webSockets: WebSockets;
  readonly logged: readonly string[];
  /** Connections whose credentials are being verified. */
  readonly verifying: { readonly finish: () => void }[];
  /** Operations that wait in `held`. */
  readonly held: { readonly finish: () => void }[];
  /** Connects; without a name, as an anonymous viewer. Resolves once it is acknowledged. */
  connect(name?: string): Promise<RawSocket>;
  stop(): Promise<void>;
}

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    hello: String
    large(bytes: Int!): String
    guarded: String @auth
  }
  type Mutation {
    held(bytes: Int! = 4): String
  }
`;

/** Credentials whose verification the test finishes. */
export const slowly = 'slowly';

/** The name of an operation for which no context can be made. */
export const broken = 'Broken';

export async function startSockets(limits: Partial<ConcurrencyLimits> = {}): Promise<SocketServer> {
  const clock = createTestClock();
  const verifying: { finish: () => void }[] = [];
  const held: { finish: () => void }[] = [];
  const wait = (list: { finish: () => void }[]): Promise<void> =>
    new Promise((finish) => list.push({ finish }));
  const authenticator = {
    async authenticate({ headers }: { readonly headers: Pick<Headers, 'get'> }) {
      const name = headers.get('authorization');
      if (name === null) return anonymous;
      if (name === slowly) await wait(verifying);
      if (name === 'bad') throw new AuthError('token_not_jws');
      if (name === 'broken') throw new Error('the store is down');
      return {
        kind: 'authenticated',
        id: name,
        subject: name,
        issuer: 'https://issuer.test/',
        scopes: new Set<string>(),
        claims: { sub: name },
        expiresAt: new Date(clock.now().getTime() + 3_600_000),
      } as const;
    },
    dpopNonce: () => undefined,
  };
  const schema = guardSchema(
    makeExecutableSchema<AuthContext>({
      typeDefs,
      resolvers: {
        Query: {
          hello: () => 'Hello.',
          large: (_source: unknown, { bytes }: { bytes: number }) => 'x'.repeat(bytes),
        },
        Mutation: {
          held: async (_source: unknown, { bytes }: { bytes: number }) => {
            await wait(held);
            return 'x'.repeat(bytes);
          },
        },
      },
    }),
  );
  const logged: string[] = [];
  const destination: DestinationStream = { write: (line) => void logged.push(line) };
  const log = createLogger('debug', destination);
  const api = createYoga<object, AuthContext>({
    schema,
    logging: log.yoga,
    plugins: [
      useAuth({ authenticator, clock }),
      {
        onContextBuilding({ context }: { context: Pick<YogaInitialContext, 'params'> }) {
          if (context.params.operationName !== broken) return;
          throw new Error('the database said: password');
        },
      },
    ],
  });
  const webSockets = createWebSockets({
    api,
    authenticator,
    allowedOrigins: [],
    publicUrl: 'http://localhost',
    maxCredentialBytes: 16_384,
    maxMessageBytes: 102_400,
    connections: { perViewer: 100, total: 10_000, ...limits },
    log,
    clock,
  });
  const server = createServer();
  const open = new Set<Socket>();
  server.on('connection', (socket) => open.add(socket));
  server.on('upgrade', (request, socket, head) => {
    const rejection = webSockets.upgrade(request, socket, head);
    if (rejection) rejectUpgrade(socket, rejection, 'id-of-request');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const url = `ws://127.0.0.1:${port}/graphql`;
  return {
    url,
    port,
    clock,
    webSockets,
    logged,
    verifying,
    held,
    async connect(name) {
      const raw = await connectAs(url, name === undefined ? {} : { Authorization: name });
      await raw.next();
      return raw;
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await webSockets.stop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
