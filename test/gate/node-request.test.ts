import { createServer, type Server, request as send } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { AuthenticationRequest } from '../../src/authentication/authenticator.ts';
import { fromNodeRequest } from '../../src/gate/node-request.ts';

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, () => {
      const address = server.address();
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0);
    });
  });

describe('a request of Node', () => {
  it('is described with what Node drops and joins', async () => {
    let described: AuthenticationRequest | undefined;
    let socket: object | undefined;
    const server = createServer((request, response) => {
      described = fromNodeRequest(request);
      socket = request.socket;
      response.end();
    });
    const port = await listen(server);
    await new Promise((resolve, reject) => {
      send({ port, path: '/graphql?a=b', method: 'PUT' })
        .setHeader('Authorization', ['Bearer a', 'Bearer b'])
        .setHeader('DPoP', ['c', 'd'])
        .on('response', (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end();
    });
    server.close();
    server.closeAllConnections();

    expect(described).toMatchObject({ method: 'PUT', url: '/graphql?a=b' });
    expect(described?.connection).toBe(socket);
    expect(described?.headers.get('Authorization')).toBe('Bearer a');
    expect(described?.headers.get('dpop')).toBe('c, d');
    expect(described?.headers.get('cookie')).toBeNull();
    expect(described?.rawHeaders?.filter((one) => one.startsWith('Bearer'))).toHaveLength(2);
  });

  it('has the target that was received, where Express has removed its beginning', () => {
    const request = { headers: {}, rawHeaders: [], socket: {} };
    expect(fromNodeRequest({ ...request, url: '/?a', originalUrl: '/graphql?a' }).url).toBe(
      '/graphql?a',
    );
  });
});
