import { createServer } from 'node:net';
import { readConfiguration } from '../src/server/configuration/configuration.ts';
import { describeError } from '../src/server/describe-error.ts';
import { createLogDestination } from '../src/server/log-destination.ts';
import { createLogger } from '../src/server/logger.ts';
import { startServer } from '../src/server/server.ts';
import { acceptedTypes } from '../src/shared/accept.ts';
import { buildFixtureApi } from '../test/support/fixture-api.ts';
import type { Figure } from './figure.ts';

const types = ['application/json', 'text/event-stream', 'multipart/mixed'];
const accepts = [',', 'a,', '*/*,', ';', 'a;q=0,', 'application/json;'].map((part) =>
  part.repeat(Math.floor(15_000 / part.length)),
);

/** What the edge makes of requests and errors that are as large as they may be. */
export async function measureEdge(): Promise<Figure[]> {
  const error = largeError();
  return [
    {
      name: 'Accept of 15,000 characters, headers of the response',
      value: await responseHeaderBytes(),
      unit: 'bytes',
      limit: 1_000,
    },
    {
      name: 'Accept of 15,000 characters, read',
      value: Math.max(...accepts.map((accept) => timeOf(() => acceptedTypes(accept, types)))),
      unit: 'ms',
      limit: 50,
    },
    {
      name: 'error of 100 KB with 1,000 causes, described for the log',
      value: timeOf(() => describeError(error)),
      unit: 'ms',
      limit: 100,
    },
    {
      name: 'log that is not read, kept',
      value: keptLog(),
      unit: 'bytes',
      limit: 1_000_000,
    },
  ];
}

async function responseHeaderBytes(): Promise<number> {
  const port = await freePort();
  const configuration = readConfiguration({
    OIDC_ISSUER: 'http://127.0.0.1:9/',
    OIDC_AUDIENCE: 'https://api',
    PORT: String(port),
  });
  const server = await startServer({
    configuration,
    api: buildFixtureApi(),
    log: createLogger('silent', { write: () => {} }),
  });
  try {
    const sizes = [];
    for (const accept of accepts) {
      const url = `http://localhost:${port}/graphql?query={public{message}}`;
      const response = await fetch(url, { headers: { accept } });
      await response.text();
      sizes.push([...response.headers].join('\r\n').length);
    }
    return Math.max(...sizes);
  } finally {
    await server.stop();
  }
}

function largeError(): Error {
  const message = 'Bearer '.repeat(15_000);
  return Array.from({ length: 1_000 }).reduce<Error>(
    (cause) => Object.assign(new Error('caused', { cause }), { message }),
    new Error(message),
  );
}

function keptLog(): number {
  let waiting = 0;
  const destination = createLogDestination({
    get writableLength() {
      return waiting;
    },
    write: (text) => {
      waiting += text.length;
    },
    on: () => {},
  });
  for (let index = 0; index < 100_000; index += 1) destination.write(`${'x'.repeat(99)}\n`);
  return waiting;
}

function timeOf(run: () => unknown): number {
  const begin = performance.now();
  run();
  return performance.now() - begin;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
