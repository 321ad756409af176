import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { createTestIssuer, type TestIssuer } from '../../test/support/tokens.ts';

/** What an issuer can do instead of responding with its keys. */
export const issuerFaults = [
  'down',
  'hanging',
  'HTML',
  'endless',
  'status 500',
  'a redirect',
  'no keys',
  'half of a body',
  'JSON that is deep',
] as const;
type IssuerFault = (typeof issuerFaults)[number];

/** An issuer on the loopback interface, which can be made to fail. */
export interface HostileIssuer {
  readonly issuer: TestIssuer;
  /** Fails in this way from now on; undefined: not. */
  fail(fault: IssuerFault | undefined): void;
  close(): void;
}

/** The real time, as the clock of a test issuer. */
const clock = {
  now: () => new Date(),
  seconds: () => Math.floor(Date.now() / 1_000),
  advance: () => {},
};

export async function startHostileIssuer(): Promise<HostileIssuer> {
  let fault: IssuerFault | undefined;
  const server = createServer(async (request, response) => {
    if (fault !== undefined) {
      misbehave[fault](response);
      return;
    }
    const answer = await issuer.fetch(`${origin}${request.url}`, {});
    response.writeHead(answer.status, { 'Content-Type': 'application/json' });
    response.end(await answer.text());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const origin = `http://127.0.0.1:${port}`;
  const issuer = createTestIssuer({ issuer: `${origin}/`, clock });
  return {
    issuer,
    fail(next) {
      fault = next;
      server.closeAllConnections();
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const json = { 'Content-Type': 'application/json' };

const misbehave: Readonly<Record<IssuerFault, (response: ServerResponse) => void>> = {
  down: (response) => response.destroy(),
  hanging: () => {},
  HTML: (response) =>
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Sign in</h1>'),
  endless(response) {
    response.writeHead(200, json).write('{"keys":[');
    const write = (): void => {
      while (!response.destroyed && response.write('{},'.repeat(20_000)));
      if (!response.destroyed) response.once('drain', write);
    };
    write();
  },
  'status 500': (response) => response.writeHead(500, json).end('{}'),
  'a redirect': (response) => response.writeHead(302, { Location: 'http://127.0.0.1:9/' }).end(),
  'no keys': (response) => response.writeHead(200, json).end('{"keys":[]}'),
  'half of a body'(response) {
    response.writeHead(200, { ...json, 'Content-Length': 1_000 }).write('{"keys":[');
    setTimeout(() => response.destroy(), 50);
  },
  'JSON that is deep': (response) =>
    response.writeHead(200, json).end(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
};
