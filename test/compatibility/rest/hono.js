import { AuthError, requireScope } from 'graphql-resource-server';
import { Hono } from 'hono';
import { authenticator } from './authenticator.js';

export const app = new Hono();

app.get('/reports', async (c) => {
  // Node's raw headers show what a Request hides: a second Authorization header.
  const { method, url, headers } = c.req.raw;
  const rawHeaders = c.env?.incoming?.rawHeaders;
  const viewer = await authenticator.authenticate({ method, url, headers, rawHeaders });
  const { subject } = requireScope(viewer, 'read:reports', authenticator);
  return c.json({ reportsOf: subject }, 200, { 'Cache-Control': 'no-store' });
});

app.onError((error, c) => {
  if (!(error instanceof AuthError)) throw error;
  const { status, headers, code, message } = error;
  return c.json({ code, message }, status, headers);
});
