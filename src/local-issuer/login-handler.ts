import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { Page } from '../shared/page.ts';
import { requestedClasses } from './authentication-class.ts';
import type { LocalUser } from './local-user.ts';
import { loginPath, renderLoginPage } from './login-page.ts';
import { renderMessagePage } from './message-pages.ts';
import { errors } from './quiet-oidc-provider.ts';
import { FormError, readForm } from './read-form.ts';
import { sendPage } from './send-page.ts';

const expired = renderMessagePage(
  'This sign-in is over',
  'It was finished, or it waited too long. Go back to the application and start again.',
);

/** Answers the login page: shows it, and signs in whoever was chosen. */
export function loginHandler(
  provider: Provider,
  users: readonly LocalUser[],
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const send = (status: number, page: Page) => sendPage(response, status, page);
    try {
      const { prompt, params, uid } = await provider.interactionDetails(request, response);
      // Choosing a person is the consent: nobody is asked a second time.
      if (prompt.name !== 'login') {
        return await provider.interactionFinished(request, response, { consent: {} });
      }
      if (request.method === 'GET' || request.method === 'HEAD') {
        return send(200, renderLoginPage({ users, params, action: loginPath + uid }));
      }
      const form = await readForm(request);
      if (form.has('cancel')) {
        return await provider.interactionFinished(request, response, {
          error: 'access_denied',
          error_description: 'The sign-in was cancelled.',
        });
      }
      const user = users.find(({ name }) => name === form.get('login'));
      if (!user)
        return send(
          400,
          renderMessagePage('Nobody was chosen', 'Go back and choose one of the people.'),
        );
      const [acr] = requestedClasses(params);
      await provider.interactionFinished(request, response, {
        login: { accountId: user.name, remember: false, ...(acr === undefined ? {} : { acr }) },
      });
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return send(400, expired);
      if (error instanceof FormError) {
        return send(error.status, renderMessagePage('This form cannot be read', error.message));
      }
      throw error;
    }
  };
}
