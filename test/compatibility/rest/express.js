import express from 'express';
import { AuthError, fromNodeRequest, requireScope } from 'graphql-resource-server';
import { authenticator } from './authenticator.js';

export const app = express();

app.get('/reports', async (request, response) => {
  const viewer = await authenticator.authenticate(fromNodeRequest(request));
  const { subject } = requireScope(viewer, 'read:reports', authenticator);
  response.set('Cache-Control', 'no-store').json({ reportsOf: subject });
});

app.use((error, _request, response, next) => {
  if (!(error instanceof AuthError)) return next(error);
  const { status, headers, code, message } = error;
  response.status(status).set(headers).json({ code, message });
});
