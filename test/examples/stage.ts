import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalIssuer } from '../../src/local-issuer/local-issuer.ts';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { localAudience } from '../../src/server/configuration/configuration-issuer.ts';
import { createLog } from '../../src/server/log.ts';
import { createSchema } from '../../src/server/schema.ts';
import { startServer } from '../../src/server/server.ts';
import { testUsersOf } from '../../src/server/test-users.ts';
import { freePort } from '../support/server.ts';

/** An API that the local issuer knows, and that is not ours. */
export const otherAudience = 'https://other.example';

/** A program that can be stopped, and started again in the same place. */
export interface Program {
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The API and the local issuer, as `npm start` runs them, each on a free port. */
export interface Stage {
  readonly api: Program;
  /** Forgets everybody when it is stopped. */
  readonly issuer: Program;
  /** Sets the API's clock so many seconds ahead of everybody else's. */
  setApiAhead(seconds: number): void;
  close(): Promise<void>;
}

/** Starts both. */
export async function startStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'examples-'));
  const [issuerPort, apiPort] = [await freePort(), await freePort()];
  const configuration = readConfiguration({ PORT: String(apiPort) });
  const schema = createSchema(
    readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'),
  );
  let ahead = 0;

  const issuer = program(`http://localhost:${issuerPort}/`, async () => {
    const { close } = await startLocalIssuer({
      port: issuerPort,
      audience: [localAudience, otherAudience],
      keyFile: join(folder, 'keys.json'),
      environment: 'test',
      ...testUsersOf(schema),
    });
    return close;
  });
  const api = program(`${configuration.publicUrl}/graphql`, async () => {
    const server = await startServer({
      configuration,
      issuers: [issuer.url],
      audiences: [localAudience],
      schema,
      log: createLog('silent', { write: () => undefined }),
      now: () => new Date(Date.now() + ahead * 1000),
    });
    return server.stop;
  });
  await issuer.start();
  await api.start();

  return {
    api,
    issuer,
    setApiAhead(seconds) {
      ahead = seconds;
    },
    async close() {
      await Promise.all([api.stop(), issuer.stop()]);
      await rm(folder, { recursive: true });
    },
  };
}

function program(url: string, run: () => Promise<() => Promise<void>>): Program {
  let end: (() => Promise<void>) | undefined;
  return {
    url,
    async start() {
      end ??= await run();
    },
    async stop() {
      await end?.();
      end = undefined;
    },
  };
}
