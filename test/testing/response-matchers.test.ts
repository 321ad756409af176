import { describe, expect, it } from 'vitest';
import {
  anonymous,
  askAs,
  createTestIssuer,
  type ExpectedRefusal,
  expectResponse,
  type ResponseAssertions,
  type TestResponse,
} from '../../src/index.ts';
import '../../src/testing/vitest/index.ts';
import { createGuardedYoga } from './guarded-yoga.ts';

const issuer = createTestIssuer();
const yoga = createGuardedYoga(issuer);
const guest = issuer.viewer({ subject: 'ada' });
const ask = (operation: string) => askAs(yoga, guest, operation);

/** One implementation, registered twice: both must agree. */
const registrations: [string, (response: TestResponse) => ResponseAssertions][] = [
  ['expectResponse', expectResponse],
  ['vitest', (response) => expect(response)],
];

describe.each(registrations)('toBeRefused of %s', (_, expectFrom) => {
  it.each<ExpectedRefusal | undefined>([
    undefined,
    {},
    { status: 403 },
    { code: 'FORBIDDEN', scheme: 'Bearer', error: 'insufficient_scope' },
    { scope: 'read:messages profile' },
    { scope: 'profile read:messages' },
  ])('passes for %j', async (expected) => {
    expectFrom(await ask('{ notes }')).toBeRefused(expected);
  });

  it.each<[ExpectedRefusal, string]>([
    [{ status: 401 }, 'The status is 403, not 401.'],
    [{ code: 'UNAUTHENTICATED' }, 'The code is "FORBIDDEN", not "UNAUTHENTICATED".'],
    [{ scheme: 'DPoP' }, 'The scheme of the challenge is "Bearer", not "DPoP".'],
    [
      { error: 'invalid_token' },
      'The error of the challenge is "insufficient_scope", not "invalid_token".',
    ],
    [
      { scope: 'read:messages' },
      'The scope of the challenge is "read:messages profile", not "read:messages".',
    ],
  ])('fails for %j', async (expected, problem) => {
    const response = await ask('{ notes }');

    expect(() => expectFrom(response).toBeRefused(expected)).toThrow(
      `Expected the response to be refused.\n${problem}\nResponse: {"status":403,`,
    );
  });

  it.each([
    [
      '{ open }',
      [
        'The status is 200.',
        'The body has data.',
        'The code is missing, which is not the code of a refusal.',
      ],
    ],
    ['{ open notes }', ['The status is 200.', 'The body has data.']],
    ['{ open', ['The code is "GRAPHQL_PARSE_FAILED", which is not the code of a refusal.']],
  ])('fails for %s', async (operation, problems) => {
    const response = await ask(operation);

    expect(() => expectFrom(response).toBeRefused()).toThrow(
      ['Expected the response to be refused.', ...problems, 'Response: '].join('\n'),
    );
  });

  it('fails for a refusal without a challenge', async () => {
    const response = await ask('{ notes }');

    expect(() => expectFrom({ ...response, challenges: [] }).toBeRefused()).toThrow(
      'There is no WWW-Authenticate header.',
    );
  });
});

describe.each(registrations)('toHaveData of %s', (_, expectFrom) => {
  it('compares all data', async () => {
    const response = await ask('{ open owner }');

    expectFrom(response).toHaveData({ owner: 'ada', open: 'open' });
    expectFrom(response).toHaveData({ owner: expect.any(String), open: 'open' });
    for (const data of [{ open: 'open' }, { open: 'open', owner: null }, null, undefined, []]) {
      expect(() => expectFrom(response).toHaveData(data)).toThrow('The data is {"open":"open",');
    }
  });

  it('names the refused fields', async () => {
    const response = await ask('{ open other: notes }');
    const data = { open: 'open', other: null };

    expectFrom(response).toHaveData(data, { refused: ['other'] });
    expect(() => expectFrom(response).toHaveData(data)).toThrow('other is refused.');
    expect(() => expectFrom(response).toHaveData(data, { refused: ['open', 'other'] })).toThrow(
      'open is not refused.',
    );
  });

  it.each([
    ['{ notes }', 'The status is 403, not 200.'],
    ['{ open broken }', 'Error: '],
    ['{ open', 'Error: Syntax Error'],
  ])('fails for %s', async (operation, problem) => {
    const response = await ask(operation);

    expect(() => expectFrom(response).toHaveData(response.body.data)).toThrow(problem);
  });
});

describe('the matchers of vitest', () => {
  it('can be negated', async () => {
    expect(await askAs(yoga, anonymous, '{ open }')).not.toBeRefused();
    const response = await askAs(yoga, anonymous, '{ owner }');
    expect(response).not.toHaveData({ owner: 'ada' });
    expect(() => expect(response).not.toBeRefused()).toThrow(
      'Expected the response not to be refused.',
    );
  });
});
