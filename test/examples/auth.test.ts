import { expect, test } from 'vitest';
import { buildChallenge, type Challenge } from '../../src/authentication/challenge.ts';

/** What the examples read of a refusal. Their code is not compiled with the settings of this project. */
interface Auth {
  readChallenge(headers: Headers): object;
  requirementOf(errors: readonly object[]): object;
}
const auth: Auth = await import(new URL('../../examples/shared/auth.ts', import.meta.url).href);

const realm = 'graphql';

test.each<[Challenge, object]>([
  [{ realm, scheme: ['Bearer', 'DPoP'] }, {}],
  [{ realm, scheme: ['Bearer', 'DPoP'], scope: 'admin:write' }, { scope: 'admin:write' }],
  [
    { realm, scheme: 'Bearer', error: 'invalid_token', errorDescription: 'No scope=x is read.' },
    { error: 'invalid_token' },
  ],
  [
    { realm, scheme: 'DPoP', error: 'insufficient_scope', scope: 'admin:write read:messages' },
    { error: 'insufficient_scope', scope: 'admin:write read:messages' },
  ],
  [
    {
      realm,
      scheme: 'Bearer',
      error: 'insufficient_user_authentication',
      acrValues: ['strong', 'medium'],
      maxAge: 60,
    },
    { error: 'insufficient_user_authentication', acrValues: 'strong medium', maxAge: 60 },
  ],
])('of the challenge %j, %j is read', (challenge, expected) => {
  const headers = new Headers({ 'WWW-Authenticate': buildChallenge(challenge) });

  expect(defined(auth.readChallenge(headers))).toEqual(expected);
});

test('without a challenge, nothing is required', () => {
  expect(defined(auth.readChallenge(new Headers()))).toEqual({});
});

test.each<[object[], object]>([
  [[], {}],
  [[{}, { extensions: { code: 'UNAUTHENTICATED' } }], {}],
  [[{ extensions: { scope: 'a b' } }, { extensions: { scope: 'b c' } }], { scope: 'a b c' }],
  [[{ extensions: { acr: ['strong', 'medium'] } }], { acrValues: 'strong medium' }],
  [[{ extensions: { maxAge: 60 } }, { extensions: { maxAge: 5 } }], { maxAge: 5 }],
  [[{ extensions: { scope: 1, acr: 'x', maxAge: '5' } }], {}],
])('of the errors %j, %j is required', (errors, expected) => {
  expect(defined(auth.requirementOf(errors))).toEqual(expected);
});

const defined = (object: object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
