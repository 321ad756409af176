import { createServer } from 'node:http';
import type { TestClock } from '../../support/clock.ts';
import { freePort } from '../../support/free-ports.ts';
import { createTestIssuer } from '../../support/tokens.ts';

/** A test issuer and a replay store, over HTTP. */
export async function startIssuer(clock: TestClock) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const issuer = createTestIssuer({ issuer: `${url}/`, clock });
  const used = new Set<string>();
  let isDown = false;
  const server = createServer(async ({ url: path = '/', method }, response) => {
    if (path.startsWith('/replay/')) {
      if (isDown) response.statusCode = 503;
      response.end(JSON.stringify(used.size < used.add(path).size));
      return;
    }
    const found = await issuer.fetch(`${url}${path}`, { method: method ?? 'GET' });
    response.writeHead(found.status, Object.fromEntries(found.headers));
    response.end(await found.text());
  });
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  return {
    issuer,
    url,
    setReplayStoreDown: (down: boolean) => {
      isDown = down;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
