import { createServer } from 'node:net';

/** A free port. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/**
 * Three free ports in a row: the local issuer uses the one after the API's. They have four digits,
 * like those in the README, so that columns in outputs keep their width. `fetch` blocks some below 7000.
 */
export async function freePorts(): Promise<readonly [number, number, number]> {
  for (;;) {
    const first = 7000 + Math.floor(Math.random() * 2000);
    const ports = [first, first + 1, first + 2] as const;
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
