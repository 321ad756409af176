import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeHtu, targetPath } from '../../src/authentication/dpop/dpop-proof.ts';
import { generatedCases } from '../support/generated-cases.ts';

describe('equivalent URIs (RFC 3986 §6.2.2, §6.2.3)', () => {
  it.each([
    'https://api.example.com/graphql',
    'HTTPS://API.Example.COM/graphql',
    'https://api.example.com:443/graphql',
    'https://api.example.com:/graphql',
    'https://api.example.com/graph%71l',
    'https://api.example.com/./graphql',
    'https://api.example.com/a/../graphql',
    'https://api.example.com/%2e/graphql',
    'https://api.example.com/graphql?query=a',
    'https://api.example.com/graphql#top',
    'https://api.example.com/graphql?',
  ])('%s', (uri) => {
    expect(normalizeHtu(uri)).toBe('https://api.example.com/graphql');
  });

  it.each([
    ['http://h', 'http://h/'],
    ['http://h:80/', 'http://h/'],
    ['http://h?x', 'http://h/'],
    ['http://h/%c3%a4', 'http://h/%C3%A4'],
    ['http://h/%2F', 'http://h/%2F'],
    ['http://[::1]:4000/graphql', 'http://[::1]:4000/graphql'],
  ])('%s is %s', (uri, normal) => {
    expect(normalizeHtu(uri)).toBe(normal);
  });
});

describe('different URIs', () => {
  it.each([
    'http://api.example.com/graphql',
    'https://api.example.com:444/graphql',
    'https://api.example.com/graphql/',
    'https://api.example.com//graphql',
    'https://api.example.com/GraphQL',
    'https://api.example.com/graphql%2F',
    'https://api.example.com/graphql%3Fx',
    'https://api.example.com./graphql',
    'https://evil.example/graphql',
  ])('%s', (uri) => {
    expect(normalizeHtu(uri)).not.toBe('https://api.example.com/graphql');
  });
});

describe('invalid URIs', () => {
  it.each([
    '',
    '/graphql',
    'api.example.com/graphql',
    'ftp://api.example.com/graphql',
    'https:api.example.com/graphql',
    'https:///graphql',
    'https://me@api.example.com/graphql',
    'https://api.example.com\\graphql',
    ' https://api.example.com/graphql',
    'https://api.example.com/graph\tql',
    'https://api.example.com/%zz',
    'https://api.example.com/%',
    'https://api.exämple.com/graphql',
    'https://api.example.com:99999/graphql',
  ])('%j', (uri) => {
    expect(normalizeHtu(uri)).toBeUndefined();
  });
});

/** URLs made of what normalization changes. `fc.webUrl` takes seconds to begin. */
const anyUrl = fc
  .tuple(
    fc.constantFrom('http', 'https', 'HTTPS'),
    fc.constantFrom(
      'a.test',
      'A.Test:80',
      'a.test:443',
      'a.test:8443',
      '[::1]',
      'ü.test',
      'u@a.test',
    ),
    fc.array(fc.constantFrom('a', '.', '..', '', '%41', '%2e', '%2f', '%zz', 'ü', '~', '%C3%BC')),
    fc.constantFrom('', '?a=b', '?', '#c', '?a#c'),
  )
  .map(([scheme, host, path, rest]) => `${scheme}://${host}/${path.join('/')}${rest}`);

it('is idempotent for any input', () => {
  fc.assert(
    fc.property(fc.oneof(anyUrl, fc.string()), (text) => {
      const once = normalizeHtu(text);
      if (once !== undefined) expect(normalizeHtu(once)).toBe(once);
    }),
    { numRuns: generatedCases(100) },
  );
});

it.each([
  ['/graphql', '/graphql'],
  ['/graphql?query=https://evil.test/', '/graphql'],
  ['https://evil.test/graphql?x#y', '/graphql'],
  ['https://evil.test', '/'],
  ['//evil.test/graphql', '//evil.test/graphql'],
  ['?x', '/'],
])('the path of %s is %s', (url, path) => {
  expect(targetPath(url)).toBe(path);
});
