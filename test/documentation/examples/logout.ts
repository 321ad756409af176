import { createLogoutReceiver } from '../../../src/index.ts';
import { authenticator, revocations } from './revocation.ts';

/** From a Request to a Response. */
export const receiveLogout = createLogoutReceiver({
  authenticator,
  clientId: 'YOUR_CLIENT_ID',
  revocations,
  onFailure: (error) => console.warn(error),
});
