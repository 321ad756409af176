import { UserManager } from 'oidc-client-ts';
import { loadSettings } from './settings.ts';
import { keepPopup } from './user-manager.ts';

const settings = await loadSettings(new URL('settings.json', location.href));

// Only the window that opened this one has the state of the sign-in, so it processes the response.
if (settings.clientId !== null) {
  const { origin, pathname, href, search } = location;
  const isLast = !new URLSearchParams(search).get('state')?.endsWith(`;${keepPopup}`);
  new UserManager({
    authority: settings.issuer,
    ...(settings.metadataUrl === null ? {} : { metadataUrl: settings.metadataUrl }),
    client_id: settings.clientId,
    redirect_uri: `${origin}${pathname}`,
  })
    .signinPopupCallback(href, !isLast)
    .catch(() => {
      const element = document.querySelector('#callback');
      if (element) element.textContent = 'Nothing to do here. You can close this window.';
    });
}
