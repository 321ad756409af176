import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Three neighboring ports that nobody listens on, of four digits as those in the README, so that
 * what is printed in columns stays in them.
 */
export async function freePorts(): Promise<readonly [number, number, number]> {
  for (;;) {
    const first = 6100 + Math.floor(Math.random() * 3000);
    const ports = [first, first + 1, first + 2] as const;
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
