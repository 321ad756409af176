import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { DestinationStream } from 'pino';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { createLogger } from '../../src/server/logger.ts';
import { startServer } from '../../src/server/server.ts';
import { createTestClock, type TestTimers } from '../support/clock.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { freePort } from '../support/free-ports.ts';
import { createTestIssuer, type TestIssuer } from '../support/tokens.ts';
import { createSource, type TestSource } from './source.ts';

/** The API on a port of its own, with a clock that the test moves, and fields to look into. */
export interface SubscriptionApi {
  readonly origin: string;
  readonly endpoint: string;
  readonly webSocket: string;
  readonly issuer: TestIssuer;
  readonly clock: TestTimers;
  /** Where `Subscription.news` and `Subscription.alerts` come from. */
  readonly source: TestSource<{ readonly text: string }>;
  /** Resolves when `Subscription.late` is asked for, which begins when its client has gone. */
  readonly lateAsked: Promise<void>;
  /** What ends each `Query.hold` and `Mutation.hold` that has begun. */
  readonly holding: readonly (() => void)[];
  /** How often `Mutation.touch` has run. */
  readonly touched: () => number;
  readonly logged: readonly string[];
  stop(): Promise<void>;
}

const additions = /* GraphQL */ `
  extend type Query {
    fails: String
    slow: String
    hold: String
  }
  type Mutation {
    touch: String @auth
    hold: String
  }
  extend type Subscription {
    news: News @auth
    alerts: News @auth(scope: "read:alerts")
    everybody: News
    late: News
  }
  type News {
    text: String
    secret: String @auth(scope: "admin:write")
    fresh: String @auth(maxAge: 60)
  }
`;

export async function startApi(
  environment: Readonly<Record<string, string>> = {},
): Promise<SubscriptionApi> {
  const port = await freePort();
  const clock = createTestClock();
  const issuer = createTestIssuer({ clock });
  const configuration = readConfiguration({
    OIDC_ISSUER: issuer.issuer,
    OIDC_AUDIENCE: issuer.audience,
    NODE_ENV: 'test',
    GRAPHIQL: 'off',
    ...environment,
    PORT: String(port),
  });
  const source = createSource<{ readonly text: string }>();
  const news = {
    subscribe: () => source.open(),
    resolve: (event: { readonly text: string }) => ({ ...event, secret: 's', fresh: 'f' }),
  };
  let askLate = (): void => {};
  const lateAsked = new Promise<void>((resolve) => {
    askLate = resolve;
  });
  const late = {
    ...news,
    async subscribe(_source: unknown, _args: unknown, { res }: { res: ServerResponse }) {
      const gone = once(res, 'close');
      askLate();
      await gone;
      return source.open();
    },
  };
  const holding: (() => void)[] = [];
  const hold = async (): Promise<string> => {
    await new Promise<void>((resolve) => holding.push(resolve));
    return 'held';
  };
  let touched = 0;
  const logged: string[] = [];
  const destination: DestinationStream = { write: (line) => void logged.push(line) };
  const api = buildFixtureApi({
    typeDefs: additions,
    clock,
    resolvers: {
      Query: {
        hold,
        fails: () => {
          throw new Error('the database said: password');
        },
        slow: (_source: unknown, _args: unknown, { request }: { request: Request }) =>
          request.headers.get('user-agent'),
      },
      Mutation: {
        hold,
        touch: () => {
          touched += 1;
          return 'touched';
        },
      },
      Subscription: { news, alerts: news, everybody: news, late },
    },
  });
  const server = await startServer({
    configuration,
    api,
    log: createLogger('debug', destination),
    fetch: issuer.fetch,
    clock,
  });
  return {
    origin: `http://localhost:${port}`,
    endpoint: `http://localhost:${port}/graphql`,
    webSocket: `ws://localhost:${port}/graphql`,
    issuer,
    clock,
    source,
    lateAsked,
    holding,
    touched: () => touched,
    logged,
    stop: server.stop,
  };
}
