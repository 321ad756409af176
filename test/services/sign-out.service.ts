import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSession } from '../local-issuer/session.ts';
import { readEvents } from '../subscriptions/read-events.ts';
import { copyProject } from '../support/copy-project.ts';
import { freePorts } from '../support/free-ports.ts';
import { operate } from '../support/http.ts';
import { type ServerProcess, startProcess } from '../support/process.ts';

let folder: string;
let project: string;
let server: ServerProcess;
let endpoint: string;
let issuer: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-'));
  project = await copyProject();
  const [port, next] = await freePorts();
  endpoint = `http://localhost:${port}/graphql`;
  issuer = `http://localhost:${next}/`;
  const environment = { PORT: String(port), LOGOUT_CLIENT_ID: 'local-spa' };
  server = startProcess(folder, environment, { main: join(project, 'src/main.ts') });
  await server.waitForOutput('for GraphiQL');
});
afterAll(async () => {
  server?.signal('SIGKILL');
  await Promise.all([folder, project].map((path) => rm(path, { recursive: true })));
});

const ask = (token: string) => operate(endpoint, '{ private { subject } }', { token });

async function openClock(token: string) {
  const events = readEvents(
    await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ query: 'subscription { clock { tokenEndsIn } }' }),
    }),
  );
  expect(await events.next()).toMatchObject({ data: { clock: {} } });
  return events;
}

it('signing out at the issuer ends the streams of the session, and its token is rejected', async () => {
  const [session, other] = [await openSession(issuer), await openSession(issuer)];
  const [events, others] = [await openClock(session.token), await openClock(other.token)];
  await session.signOut();

  expect(await ask(session.token)).toMatchObject({
    status: 401,
    body: { errors: [{ extensions: { reason: 'token_revoked' } }] },
  });
  let event = await events.next();
  while (JSON.stringify(event).includes('"tokenEndsIn"')) event = await events.next();
  expect(event).toMatchObject({ errors: [{ extensions: { reason: 'token_revoked' } }] });
  expect(await events.next()).toBe('complete');

  expect((await ask(other.token)).status).toBe(200);
  expect(await others.next()).toMatchObject({ data: { clock: {} } });
  await others.leave();
  expect(server.output.errors).toBe('');
});
