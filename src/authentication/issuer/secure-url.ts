import { isLoopbackHostname } from '../../shared/loopback.ts';

/**
 * Whether an absolute URL may be asked for keys: `https`, or `http` where the request does not leave
 * the machine (`localhost`, 127.0.0.0/8, `::1`).
 */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHostname(hostname));
}
