import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { Page } from '../shared/page.ts';
import type { LocalUser } from './clients-and-users.ts';
import { findImmediateUser } from './interaction-policy.ts';
import { renderMessagePage, sendPage } from './issuer-pages.ts';
import { errors } from './load-oidc-provider.ts';
import { renderLoginPage, requestedAcrValues } from './login-page.ts';

const expiredPage = renderMessagePage(
  'This sign-in has expired',
  'It is complete or took too long. Go back to the application and start again.',
);

/** Handles the login page: shows it, and signs in the selected user, or the hinted one at once. */
export function createLoginHandler(
  provider: Provider,
  users: readonly LocalUser[],
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const send = (status: number, page: Page) => sendPage(response, status, page);
    const { pathname: action } = new URL(request.url ?? '', 'http://localhost');
    try {
      const { prompt, params } = await provider.interactionDetails(request, response);
      // Selecting a user is the consent as well.
      if (prompt.name !== 'login') {
        return await provider.interactionFinished(request, response, { consent: {} });
      }
      const signIn = async (user: LocalUser) => {
        const [acr] = requestedAcrValues(params);
        await provider.interactionFinished(request, response, {
          login: { accountId: user.name, remember: false, ...(acr === undefined ? {} : { acr }) },
        });
      };
      if (request.method === 'GET' || request.method === 'HEAD') {
        const hinted = findImmediateUser(users, prompt, params);
        if (hinted) return await signIn(hinted);
        return send(200, renderLoginPage({ users, params, action }));
      }
      const form = await readForm(request);
      if (form.has('cancel')) {
        return await provider.interactionFinished(request, response, {
          error: 'access_denied',
          error_description: 'The sign-in was canceled.',
        });
      }
      const user = users.find(({ name }) => name === form.get('login'));
      if (!user) throw new FormError(400, 'No test user was selected.');
      await signIn(user);
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return send(400, expiredPage);
      if (error instanceof FormError) {
        const back = { href: action, text: 'Back to the sign-in' };
        return send(error.status, renderMessagePage('Invalid form', error.message, back));
      }
      throw error;
    }
  };
}

/** A form that is rejected. The message is a sentence for the page. */
class FormError extends Error {
  override readonly name = 'FormError';
  readonly status: 400 | 403 | 405 | 413 | 415;

  constructor(status: FormError['status'], message: string) {
    super(message);
    this.status = status;
  }
}

const maxFormBytes = 1024;

/**
 * The fields of a form posted from one of our own pages.
 *
 * @throws FormError for another method, another content type, another site, or more than 1 KiB.
 */
async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  if (request.method !== 'POST') throw new FormError(405, 'The method must be POST.');
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') {
    throw new FormError(403, 'The form was submitted from another site.');
  }
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
    throw new FormError(415, 'The content type must be application/x-www-form-urlencoded.');
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) throw new FormError(400, 'The form cannot be read.');
    length += chunk.length;
    if (length > maxFormBytes) throw new FormError(413, 'The form is too large.');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
