import { expect, test } from 'vitest';
import { blocksOf, readDocument } from './markdown.ts';

/** The pages with programs that are files in `examples`, where types are checked and tests run them. */
const pages: Readonly<Record<string, readonly string[]>> = {
  'docs/cookies.md': ['cookie.ts'],
};

test.each(Object.entries(pages))('%s shows %s', (page, files) => {
  const shown = blocksOf(readDocument(page)).filter(({ language }) => language === 'ts');
  const tested = files.map((file) =>
    readDocument(`test/documentation/examples/${file}`).replaceAll(
      '../../../src/index.ts',
      'graphql-resource-server',
    ),
  );
  expect(shown.map(({ text }) => text)).toEqual(tested);
});

test('the authenticator of docs/cookies.md checks which page a request comes from', async () => {
  const { authenticator } = await import('./examples/cookie.ts');
  const reasonFrom = async (origin: string) => {
    const headers = new Headers({ origin, cookie: '__Host-access_token=TOKEN' });
    const request = { method: 'POST', url: '/graphql', headers };
    return authenticator.authenticate(request).catch(({ reason }) => reason);
  };
  expect(await reasonFrom('https://evil.example')).toBe('origin_not_allowed');
  expect(await reasonFrom('https://app.example.com')).toBe('token_not_jws');
});
