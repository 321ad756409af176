import { describe, expect, it } from 'vitest';
import { clientAddress, networkOf } from '../../src/server/http/client-address.ts';

const request = (forwarded: string | undefined, remoteAddress: string | undefined) => ({
  method: 'POST',
  url: '/graphql',
  headers: { get: (name: string) => (name === 'x-forwarded-for' ? (forwarded ?? null) : null) },
  connection: { remoteAddress },
});

describe('the address of a client', () => {
  it.each<[string | undefined, number, string | undefined]>([
    [undefined, 0, '10.0.0.1'],
    ['192.0.2.1', 0, '10.0.0.1'],
    ['192.0.2.1', 1, '192.0.2.1'],
    ['6.6.6.6, 192.0.2.1', 1, '192.0.2.1'],
    ['6.6.6.6, 192.0.2.1, 10.0.0.9', 2, '192.0.2.1'],
    // It did not pass both proxies.
    ['6.6.6.6', 2, '10.0.0.1'],
    [undefined, 1, '10.0.0.1'],
    ['', 1, '10.0.0.1'],
    ['192.0.2.1,', 1, '10.0.0.1'],
    ['unknown', 1, '10.0.0.1'],
    ['192.0.2.1:4711', 1, '192.0.2.1'],
    ['[2001:db8::1]:4711', 1, '2001:db8::1'],
    ['[2001:db8::1]', 1, '2001:db8::1'],
    ['2001:db8::1', 1, '2001:db8::1'],
    ['999.0.2.1', 1, '10.0.0.1'],
  ])('X-Forwarded-For %j behind %i proxies: %s', (forwarded, hops, expected) => {
    expect(clientAddress(request(forwarded, '10.0.0.1'), hops)).toBe(expected);
  });

  it('is unknown for a socket without one', () => {
    expect(clientAddress(request(undefined, undefined), 0)).toBeUndefined();
  });
});

describe('the network of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '192.0.2.1'],
    ['64:ff9b::c000:201', '192.0.2.1'],
    ['64:ff9b:1::192.0.2.1', '64:ff9b:1:0::/64'],
    ['::192.0.2.1', '0:0:0:0::/64'],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
  ])('%s: %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
