import { isIP, isIPv6 } from 'node:net';
import { isObject } from '../../shared/type-guards.ts';

/** The parts of a request that say where it comes from. */
interface SentRequest {
  /** The socket. */
  readonly connection?: object;
  readonly headers: { get(name: string): string | null };
}

/**
 * The address of a client: that of its connection or, behind proxies, what the outermost of them appended
 * to `X-Forwarded-For`. Entries further left come from the client. If the header has fewer entries than
 * there are proxies, or no address there, the request did not pass all of them: the address of the
 * connection counts.
 *
 * @param hops The number of proxies in front of this server, each of which appends the address that it
 *   gets a request from. 0: the header is ignored.
 * @returns Undefined for a socket of the file system, or one that is closed.
 */
export function clientAddress(
  { connection, headers }: SentRequest,
  hops: number,
): string | undefined {
  const peer = isObject(connection) ? connection['remoteAddress'] : undefined;
  const direct = typeof peer === 'string' ? peer : undefined;
  if (hops === 0) return direct;
  const forwarded = headers.get('x-forwarded-for')?.split(',').at(-hops);
  return (forwarded === undefined ? undefined : addressOf(forwarded.trim())) ?? direct;
}

/** Some proxies append the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function addressOf(entry: string): string | undefined {
  const address =
    /^\[([^\]]*)\](?::\d+)?$/.exec(entry)?.[1] ?? entry.replace(/^([^:]*):\d+$/, '$1');
  return isIP(address) === 0 ? undefined : address;
}

/**
 * The network that is counted for an address: IPv4 addresses as they are, of IPv6 the first 64 bits, all
 * addresses of which belong to one customer.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  // An IPv4 address at the end stands for two groups.
  const length = groups.length + last.length + (address.includes('.') ? 1 : 0);
  const zeros = Array.from({ length: Math.max(0, 8 - length) }, () => '0');
  const network = [...groups, ...(tail === undefined ? [] : zeros), ...last].slice(0, 4);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
