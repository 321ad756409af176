import { CookieJar, signInAs } from '../../src/local-issuer/sign-in.ts';

/** A session at the local issuer, with what a browser would keep of it. */
export interface Session {
  /** The access token. */
  readonly token: string;
  /** Signs out, and confirms it. */
  signOut(): Promise<void>;
}

/** Signs in as a browser would. */
export async function openSession(issuer: string, user = 'manager'): Promise<Session> {
  const jar = new CookieJar();
  const { access_token: token } = await signInAs({
    issuer,
    user,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      jar.store(response.headers);
      return response;
    },
  });
  return {
    token,
    async signOut() {
      const url = new URL('oidc/logout', issuer);
      const page = await fetch(url, { headers: { cookie: jar.header() } });
      jar.store(page.headers);
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.text())?.[1];
      const response = await fetch(new URL('oidc/logout/confirm', issuer), {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: jar.header() },
        body: new URLSearchParams({ xsrf: xsrf ?? '', logout: 'yes' }),
      });
      await response.body?.cancel();
      if (response.status !== 303) {
        throw new Error(`Signing out failed (status ${response.status}).`);
      }
    },
  };
}
