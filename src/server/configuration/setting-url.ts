import { isLoopbackHostname } from '../../shared/loopback.ts';
import { accept, type Parser, refuse } from './setting-parser.ts';
import { show } from './setting-text.ts';

const wellKnown = /\/?\.well-known\/(?:openid-configuration|oauth-authorization-server)\/?$/;

/**
 * An issuer's URL, kept exactly as written because tokens are compared with it character by
 * character (RFC 8414 §2: no query, no fragment). `http:` only where it cannot leave the machine.
 */
export const issuerUrl: Parser<string> = (text) => {
  const url = webUrl(text);
  if (url === undefined) {
    return refuse(
      `${show(text)} must be a full URL exactly as in the claim iss, such as https://login.example.com/`,
    );
  }
  const faults: string[] = [];
  if (text.includes('@')) faults.push(`${show(text)} must not hold a user or password`);
  if (/[?#]/.test(text)) faults.push(`${show(text)} must not have a query or fragment`);
  if (wellKnown.test(text)) {
    faults.push(`${show(text)} must be the issuer itself: ${show(text.replace(wellKnown, '/'))}`);
  }
  if (isPlainHttp(url)) {
    faults.push(`${show(text)} must begin with https: http is for localhost and 127.0.0.1 only`);
  }
  return faults.length === 0 ? accept(text) : refuse(...faults);
};

/** The API's own origin. One trailing slash is forgiven; anything more would be ignored, so it is a fault. */
export const publicOrigin: Parser<string> = (text) => {
  const url = webUrl(text);
  if (url === undefined) {
    return refuse(`${show(text)} must be an origin, such as https://api.example.com`);
  }
  return url.href === `${url.origin}/` && !/[?#]/.test(text)
    ? accept(url.origin)
    : refuse(
        `${show(text)} must be an origin, without user, path, query and fragment: ${url.origin}`,
      );
};

/** An origin exactly as browsers write it in the Origin header, so that comparing text is enough. */
export const browserOrigin: Parser<string> = (text) => {
  if (text.includes('*')) {
    return refuse(
      `${show(text)} would let in web sites that nobody has listed: name each origin, such as https://app.example.com`,
    );
  }
  if (text.toLowerCase() === 'null') {
    return refuse(
      `${show(text)} is what any sandboxed frame or local file sends: name an origin, such as https://app.example.com`,
    );
  }
  const url = webUrl(text);
  if (url === undefined) {
    return refuse(`${show(text)} must be an origin, such as https://app.example.com`);
  }
  return url.origin === text
    ? accept(text)
    : refuse(`${show(text)} must be the origin as browsers send it: ${url.origin}`);
};

/** Whether requests to this URL would cross a network unencrypted. */
export function isPlainHttp(url: URL): boolean {
  return url.protocol === 'http:' && !isLoopbackHostname(url.hostname);
}

/**
 * A URL of the web, more strictly than the URL parser, which drops white space, turns backslashes,
 * and takes wildcards for host names: only what RFC 3986 §2 lets a URL hold.
 */
function webUrl(text: string): URL | undefined {
  if (!/^https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/i.test(text) || !URL.canParse(text)) {
    return undefined;
  }
  const url = new URL(text);
  return /^(?:[\w.-]+|\[[0-9a-f:.]+\])$/.test(url.hostname) ? url : undefined;
}
