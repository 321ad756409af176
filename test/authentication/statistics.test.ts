import { describe, expect, it } from 'vitest';
import { authenticatorFor, bearer, outcomeOf } from '../support/authentication.ts';
import { createTestIssuer, jsonResponse } from '../support/tokens.ts';

function setUp(options: Parameters<typeof authenticatorFor>[1] = {}) {
  const issuer = createTestIssuer();
  const events: string[] = [];
  const authenticator = authenticatorFor(issuer, {
    onFetchFailure: (of) => events.push(`lost ${of}`),
    onFetchRecovery: (of) => events.push(`found ${of}`),
    ...options,
  });
  const send = (token: string) => outcomeOf(authenticator.authenticate(bearer(token)));
  return { issuer, authenticator, events, send };
}

describe('the statistics of an authenticator', () => {
  it('count the tokens that are remembered, found and verified', async () => {
    const { issuer, authenticator, send } = setUp();
    const knownTokens = () => authenticator.statistics().knownTokens;
    expect(knownTokens()).toEqual({ size: 0, bytes: 0, hits: 0, misses: 0 });
    const token = issuer.sign();
    await send(token);
    expect(knownTokens()).toMatchObject({ size: 1, hits: 0, misses: 1 });
    await send(token);
    await send(token);
    expect(knownTokens()).toMatchObject({ size: 1, hits: 2, misses: 1 });
    expect(knownTokens().bytes).toBeGreaterThan(1_000);
    // What is refused is not remembered.
    await send(issuer.sign({ claims: { exp: 1 } }));
    expect(knownTokens()).toMatchObject({ size: 1, hits: 2, misses: 2 });
    // An expired token is verified again, and refused.
    issuer.clock.advance(100_000);
    await send(token);
    expect(knownTokens()).toMatchObject({ hits: 2, misses: 3 });
  });

  it('say when keys were fetched, and count fetches and failures', async () => {
    const { issuer, authenticator, send } = setUp();
    const keys = () => authenticator.statistics().issuers;
    const of = { issuer: issuer.issuer };
    expect(keys()).toEqual([
      { ...of, fetchedAt: undefined, fetches: 0, failures: 0, isFailing: false },
    ]);
    const fetchedAt = issuer.clock.now();
    await send(issuer.sign());
    expect(keys()).toEqual([{ ...of, fetchedAt, fetches: 1, failures: 0, isFailing: false }]);
    issuer.setDown(true);
    issuer.clock.advance(3_600);
    await send(issuer.sign());
    // The keys are those of before.
    expect(keys()).toEqual([{ ...of, fetchedAt, fetches: 2, failures: 1, isFailing: true }]);
    issuer.setDown(false);
    issuer.clock.advance(3_600);
    await send(issuer.sign());
    expect(keys()).toEqual([
      { ...of, fetchedAt: issuer.clock.now(), fetches: 3, failures: 1, isFailing: false },
    ]);
  });

  it('are copies, which do not change', async () => {
    const { issuer, authenticator, send } = setUp();
    const before = authenticator.statistics();
    await send(issuer.sign());
    expect(before.knownTokens.misses).toBe(0);
    expect(before.issuers[0]?.fetches).toBe(0);
  });
});

describe('an issuer that is lost', () => {
  it('is reported with each failure, and once when it is found again', async () => {
    const { issuer, events, send } = setUp();
    const lost = `lost ${issuer.issuer}`;
    await send(issuer.sign());
    // The first fetch is no recovery.
    expect(events).toEqual([]);
    issuer.setDown(true);
    for (let time = 1; time <= 2; time += 1) {
      issuer.clock.advance(3_600);
      await send(issuer.sign());
      expect(events).toEqual(Array.from({ length: time }, () => lost));
    }
    issuer.setDown(false);
    for (let time = 0; time < 2; time += 1) {
      issuer.clock.advance(3_600);
      await send(issuer.sign());
      expect(events).toEqual([lost, lost, `found ${issuer.issuer}`]);
    }
  });

  it('has its keys back, whatever the report of that throws', async () => {
    const { issuer, send } = setUp({
      onFetchRecovery: () => {
        throw new Error('no log');
      },
    });
    issuer.setDown(true);
    expect(await send(issuer.sign())).toMatchObject({ status: 503 });
    issuer.setDown(false);
    issuer.clock.advance(60);
    expect(await send(issuer.sign())).toMatchObject({ kind: 'authenticated' });
  });

  it('is reported for introspection as well', async () => {
    const url = 'https://introspection.test/introspect';
    const issuer = createTestIssuer();
    const events: string[] = [];
    let isDown = false;
    const authenticator = authenticatorFor(issuer, {
      introspection: { url, client: { clientId: 'api', clientSecret: 'secret' } },
      async fetch(requested, init) {
        if (requested !== url) return issuer.fetch(requested, init);
        if (isDown) throw new Error('down');
        return jsonResponse({ active: false });
      },
      onFetchFailure: (of) => events.push(`lost ${of}`),
      onFetchRecovery: (of) => events.push(`found ${of}`),
    });
    const send = async (token: string) => {
      await outcomeOf(authenticator.authenticate(bearer(token)));
      return authenticator.statistics().introspection;
    };
    expect(await send('opaque-1')).toEqual({ fetches: 1, failures: 0, isFailing: false });
    isDown = true;
    expect(await send('opaque-2')).toEqual({ fetches: 2, failures: 1, isFailing: true });
    isDown = false;
    issuer.clock.advance(60);
    expect(await send('opaque-3')).toEqual({ fetches: 3, failures: 1, isFailing: false });
    expect(events).toEqual([`lost ${issuer.issuer}`, `found ${issuer.issuer}`]);
  });
});
