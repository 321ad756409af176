const loopbackHostnames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether a host name, as `URL.hostname` spells it, is this machine itself. */
export function isLoopbackHostname(hostname: string): boolean {
  return loopbackHostnames.has(hostname);
}

/**
 * Whether a string is an http or https URL on loopback, any port and path, without credentials or a
 * fragment: what `local-spa` may be redirected to (RFC 8252 §7.3 and §8.3 for the port and the
 * names).
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
