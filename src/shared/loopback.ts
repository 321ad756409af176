/**
 * Whether a host, as `URL.hostname` spells it, is this machine itself: `localhost`, 127.0.0.0/8 or
 * `::1`. What goes there does not cross a network.
 */
export function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
