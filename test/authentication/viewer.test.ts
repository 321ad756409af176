import { describe, expect, it } from 'vitest';
import { anonymous, viewerId, viewerWith } from '../../src/index.ts';
import { ConcurrencyLimiter } from '../../src/streams/concurrency-limiter.ts';
import { authenticatorFor, bearer } from '../support/authentication.ts';
import { createTestIssuer, createTestKey, fetchOf } from '../support/tokens.ts';

const [one, two] = [
  createTestIssuer(),
  createTestIssuer({ issuer: 'https://two.test/', key: createTestKey() }),
];
const authenticator = authenticatorFor(one, {
  issuer: [one.issuer, two.issuer],
  fetch: fetchOf(one, two),
});

/** The ID of the viewer with a token of the issuer. */
async function idOf(issuer: typeof one, claims: Record<string, unknown> = {}): Promise<string> {
  const viewer = await authenticator.authenticate(bearer(issuer.sign({ claims })));
  if (viewer.kind !== 'authenticated') throw new Error('The token was not accepted.');
  return viewer.id;
}

describe('viewer.id', () => {
  it('differs for the same subject of another issuer', async () => {
    expect(await idOf(one)).not.toBe(await idOf(two));
  });

  it('is the same for all tokens of a subject, whatever their other claims', async () => {
    const id = await idOf(one);
    one.clock.advance(60);
    expect(await idOf(one, { client_id: 'other', scope: 'a', azp: 'x' })).toBe(id);
    expect(viewerId({ issuer: one.issuer, subject: 'auth0|somebody' })).toBe(id);
    expect(viewerWith({ issuer: one.issuer, subject: 'auth0|somebody' }).id).toBe(id);
  });

  it('stays the same in every release', () => {
    expect(viewerId({ issuer: 'https://login.example.com/', subject: 'auth0|ada' })).toBe(
      'aWMui5vIEZUimFcx9Ucbmdtig3mq5PlKGAa2JrN-61c',
    );
  });

  it.each<[string, readonly [string, string], readonly [string, string]]>([
    ['a boundary that moves', ['https://a.test/', 'b'], ['https://a.test', '/b']],
    ['a space', ['https://a.test/ b', 'c'], ['https://a.test/', 'b c']],
    ['a separator', ['https://a.test/|b', 'c'], ['https://a.test/', 'b|c']],
    ['a line break', ['https://a.test/\nb', 'c'], ['https://a.test/', 'b\nc']],
    ['a NUL', ['https://a.test/\0b', 'c'], ['https://a.test/', 'b\0c']],
    ['quotes', ['https://a.test/","b', 'c'], ['https://a.test/', 'b","c']],
    ['backslashes', ['https://a.test/\\', '"'], ['https://a.test/', '\\"']],
    ['a swap', ['a', 'b'], ['b', 'a']],
    ['case', ['https://a.test/', 'Ada'], ['https://a.test/', 'ada']],
    ['a composed letter', ['https://a.test/', '\u00e9'], ['https://a.test/', 'e\u0301']],
    ['unpaired surrogates', ['https://a.test/', '\ud800'], ['https://a.test/', '\ud801']],
    [
      'a surrogate and the replacement character',
      ['https://a.test/', '\ud800'],
      ['https://a.test/', '\ufffd'],
    ],
    ['an escape', ['https://a.test/', '\ud800'], ['https://a.test/', '\\ud800']],
  ])('distinguishes pairs that differ by %s', (_, [issuer, subject], [otherIssuer, other]) => {
    const id = viewerId({ issuer, subject });
    expect(id).not.toBe(viewerId({ issuer: otherIssuer, subject: other }));
    expect(id).toMatch(/^[\w-]{43}$/);
  });
});

describe('limits per viewer', () => {
  it('count by issuer and subject, not by subject alone', () => {
    const limiter = new ConcurrencyLimiter({ perViewer: 1, total: 10 });
    const ada = viewerWith({ subject: 'ada', issuer: one.issuer });
    const otherAda = viewerWith({ subject: 'ada', issuer: two.issuer });
    expect(limiter.acquire(ada).kind).toBe('acquired');
    expect(limiter.acquire(otherAda).kind).toBe('acquired');
    expect(limiter.acquire({ ...ada, claims: {} })).toEqual({
      kind: 'rejected',
      limit: 'perViewer',
    });
  });

  it('also count viewers that were created without an id', () => {
    const limiter = new ConcurrencyLimiter({ perViewer: 1, total: 10 });
    const { id: _id, ...made } = viewerWith({ subject: 'ada' });
    const viewer = Object.assign(Object.create(null), made);
    expect(limiter.acquire(viewer).kind).toBe('acquired');
    expect(limiter.acquire(viewer)).toEqual({ kind: 'rejected', limit: 'perViewer' });
    expect(limiter.acquire(anonymous).kind).toBe('acquired');
  });
});
