import settings from './settings.js';

// Only the window that opened this one knows what was asked, so only it can make use of the answer.
if (settings.clientId !== null) {
  const { origin, pathname } = location;
  new oidc.UserManager({
    authority: settings.issuer,
    client_id: settings.clientId,
    redirect_uri: `${origin}${pathname}`,
  })
    .signinPopupCallback()
    .catch(() => {
      const place = document.querySelector('#callback');
      if (place) place.textContent = 'This window was not opened by a sign-in. Close it.';
    });
}
