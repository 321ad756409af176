import {
  calculateJwkThumbprint,
  decodeProtectedHeader,
  EmbeddedJWK,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
} from 'jose';
import { describe, expect, it } from 'vitest';
import { authenticatorFor } from '../support/authentication.ts';
import { jsonResponse } from '../support/tokens.ts';
import {
  createTokenService,
  issued,
  type Respond,
  type TokenRequest,
  type TokenService,
  tokenUrl,
} from './token-service.ts';

const target = { audience: 'https://stock.test' };

/** The claims of the proof of a request, with the thumbprint of its key. */
async function proofOf({ issuer }: TokenService, { headers }: TokenRequest) {
  const proof = headers.get('dpop') ?? '';
  const currentDate = issuer.clock.now();
  const options = { typ: 'dpop+jwt', algorithms: ['ES256'], currentDate };
  const { payload, protectedHeader } = await jwtVerify<{ nonce?: string }>(
    proof,
    EmbeddedJWK,
    options,
  );
  expect(protectedHeader.jwk).not.toHaveProperty('d');
  return { ...payload, jkt: await calculateJwkThumbprint(protectedHeader.jwk ?? {}) };
}

const bound: Respond = () => issued({ token_type: 'DPoP' });

describe('a viewer whose token is bound to a key', () => {
  it('gets a token that is bound to the key of this process', async () => {
    const service = createTokenService({ respond: bound });
    const token = await service.exchange.exchangeToken(await service.boundViewer(), target);
    expect(token.tokenType).toBe('DPoP');
    const [request] = service.requests;
    if (request === undefined) throw new Error('There was no request.');
    expect(await proofOf(service, request)).toMatchObject({
      htm: 'POST',
      htu: tokenUrl,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      iat: service.issuer.clock.seconds(),
    });
  });

  it('gets one whose proofs another API accepts, each once', async () => {
    let jkt = '';
    const service = createTokenService({
      respond: async (request) => {
        ({ jkt } = await proofOf(service, request));
        const claims = { aud: 'https://stock.test', cnf: { jkt } };
        return issued({ token_type: 'DPoP', access_token: service.issuer.sign({ claims }) });
      },
    });
    const stock = authenticatorFor(service.issuer, {
      audience: 'https://stock.test',
      dpop: 'required',
      publicUrl: 'https://stock.test',
      dpopNonce: 'required',
    });
    const token = await service.exchange.exchangeToken(await service.boundViewer(), target);
    const url = 'https://stock.test/graphql?query=x#y';
    const request = async (nonce?: string) => ({
      method: 'GET',
      url: '/graphql?query=x',
      headers: new Headers(
        await token.headersFor({ method: 'GET', url, ...(nonce === undefined ? {} : { nonce }) }),
      ),
    });

    await expect(stock.authenticate(await request())).rejects.toMatchObject({
      reason: 'nonce_needed',
    });
    const nonce = stock.dpopNonce();
    const accepted = await request(nonce);
    expect(await stock.authenticate(accepted)).toMatchObject({ kind: 'authenticated' });
    await expect(stock.authenticate(accepted)).rejects.toMatchObject({ reason: 'proof_replayed' });
    expect(await stock.authenticate(await request(nonce))).toMatchObject({ kind: 'authenticated' });
  });

  it('gets an error, not a token that anyone can use', async () => {
    const service = createTokenService({ respond: () => issued() });
    const viewer = await service.boundViewer();
    await expect(service.exchange.exchangeToken(viewer, target)).rejects.toMatchObject({
      code: 'invalid_response',
    });
  });
});

describe('a nonce of the token endpoint', () => {
  const needsNonce = (nonce: string) =>
    jsonResponse(
      { error: 'use_dpop_nonce' },
      { status: 400, headers: { 'dpop-nonce': nonce, 'content-type': 'application/json' } },
    );

  it('is sent in a second proof, and in those after it', async () => {
    const service = createTokenService({
      respond: (_request, count) => (count === 1 ? needsNonce('one') : bound(_request, count)),
    });
    await service.exchange.exchangeToken(await service.boundViewer(), target);
    await service.exchange.exchangeToken(await service.boundViewer(), target);
    const proofs = await Promise.all(service.requests.map((one) => proofOf(service, one)));
    expect(proofs.map(({ nonce }) => nonce)).toEqual([undefined, 'one', 'one']);
    expect(new Set(proofs.map(({ jti }) => jti)).size).toBe(3);
    expect(new Set(proofs.map(({ jkt }) => jkt)).size).toBe(1);
  });

  it('changes with each response that has one', async () => {
    const service = createTokenService({
      respond: (_request, count) =>
        issued(
          { token_type: 'DPoP' },
          { headers: { 'dpop-nonce': `after ${count}`.replace(' ', '-') } },
        ),
    });
    await service.exchange.exchangeToken(await service.boundViewer(), target);
    await service.exchange.exchangeToken(await service.boundViewer(), target);
    const proofs = await Promise.all(service.requests.map((one) => proofOf(service, one)));
    expect(proofs.map(({ nonce }) => nonce)).toEqual([undefined, 'after-1']);
  });

  it('is asked for once only', async () => {
    const service = createTokenService({ respond: (_request, count) => needsNonce(`n${count}`) });
    const viewer = await service.boundViewer();
    await expect(service.exchange.exchangeToken(viewer, target)).rejects.toMatchObject({
      code: 'use_dpop_nonce',
      status: 400,
    });
    expect(service.requests).toHaveLength(2);
  });
});

it.each<['matching' | 'required' | 'off', 'bearer' | 'bound', boolean]>([
  ['matching', 'bearer', false],
  ['matching', 'bound', true],
  ['required', 'bearer', true],
  ['required', 'bound', true],
  ['off', 'bearer', false],
  ['off', 'bound', false],
])('dpop: %s, for a viewer whose token is %s', async (dpop, kind, isBound) => {
  const service = createTokenService({
    respond: ({ headers }) => issued({ token_type: headers.has('dpop') ? 'DPoP' : 'Bearer' }),
    exchange: { dpop },
  });
  const viewer = await (kind === 'bound' ? service.boundViewer() : service.viewer());
  const token = await service.exchange.exchangeToken(viewer, target);
  expect(token.tokenType).toBe(isBound ? 'DPoP' : 'Bearer');
});

it('a private key authenticates the client with a new assertion each time', async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  const privateKey = { ...(await exportJWK(pair.privateKey)), kid: 'one' };
  const service = createTokenService({ exchange: { client: { clientId: 'orders', privateKey } } });
  const viewer = await service.viewer();
  await service.exchange.exchangeToken(viewer, { scope: 'a' });
  await service.exchange.exchangeToken(viewer, { scope: 'b' });
  const publicKey = await importJWK(await exportJWK(pair.publicKey), 'ES256');
  const verified = await Promise.all(
    service.requests.map(({ form }) => {
      const assertion = form.get('client_assertion') ?? '';
      expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'ES256', kid: 'one' });
      return jwtVerify(assertion, publicKey, {
        audience: service.issuer.issuer,
        issuer: 'orders',
        subject: 'orders',
        currentDate: service.issuer.clock.now(),
      });
    }),
  );
  expect(new Set(verified.map(({ payload }) => payload.jti)).size).toBe(2);
});
