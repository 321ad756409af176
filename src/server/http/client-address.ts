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
 * Networks of IPv6 whose last 32 bits are an IPv4 address: mapped addresses (RFC 4291 §2.5.5.2), and those
 * that a translator between IPv4 and IPv6 makes (RFC 6052 §2.1). One of 64 bits would contain all of IPv4.
 */
const embeddingNetworks: ReadonlySet<string> = new Set(['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0']);

/**
 * The network that is counted for an address: IPv4 addresses as they are, of IPv6 the first 64 bits, all
 * addresses of which belong to one customer.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const groups = groupsOf(address);
  if (embeddingNetworks.has(groups.slice(0, 6).map(toHex).join(':'))) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join('.');
  }
  return `${groups.slice(0, 4).map(toHex).join(':')}::/64`;
}

const toHex = (group: number): string => group.toString(16);

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = address
    .replace(/%.*$/, '')
    .replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...bytes: readonly string[]) => {
      const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
      return `${toHex((a << 8) | b)}:${toHex((c << 8) | d)}`;
    })
    .split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - last.length) }, () => '0');
  return [...groups, ...(tail === undefined ? [] : zeros), ...last].map((group) =>
    Number.parseInt(group, 16),
  );
}
