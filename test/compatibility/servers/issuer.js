import { createServer } from 'node:http';
import { createTestIssuer } from 'graphql-resource-server/testing';

const origin = 'http://localhost:4100';
const issuer = createTestIssuer({ issuer: `${origin}/`, audience: 'https://api.example.com' });

createServer(async (request, response) => {
  const { href, pathname, searchParams } = new URL(request.url, origin);
  if (pathname === '/token') {
    response.end(await issuer.token({ scopes: searchParams.getAll('scope') }));
    return;
  }
  const document = await issuer.fetch(href);
  response.writeHead(document.status, Object.fromEntries(document.headers));
  response.end(await document.text());
}).listen(4100, '127.0.0.1');
