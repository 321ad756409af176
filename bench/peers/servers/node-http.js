// node:http alone: reads the body, parses it, and sends the response of the others. No GraphQL.
import { createServer } from 'node:http';
import { greeting } from './schema.js';
import { host, port } from './settings.js';

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { query } = JSON.parse(Buffer.concat(chunks).toString());
    const body = JSON.stringify({
      data: { [query.includes('open') ? 'open' : 'guarded']: greeting },
    });
    response.writeHead(200, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  });
}).listen(port, host);
