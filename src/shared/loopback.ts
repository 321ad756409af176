/**
 * Whether a `URL.hostname` is this machine: `localhost`, 127.0.0.0/8 or `[::1]`. Requests to it do
 * not cross a network.
 */
export function isLoopbackHostname(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/**
 * Whether a string is an http or https URL on loopback, with any port and path (RFC 8252 §7.3 and
 * §8.3), but without credentials or a fragment.
 */
export function isLoopbackUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return (
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    isLoopbackHostname(url.hostname) &&
    url.username === '' &&
    url.password === '' &&
    !value.includes('#')
  );
}
