import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { useAuth } from '../../src/adapters/yoga/use-auth.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { maskUnexpectedErrors } from '../../src/gate/mask-errors.ts';
import { describeError, redact } from '../../src/server/describe-error.ts';
import { createLogger } from '../../src/server/logger.ts';
import { useRequestErrors } from '../../src/server/use-request-errors.ts';
import { authenticatorFor } from '../support/authentication.ts';
import { createTestIssuer } from '../support/tokens.ts';

const secret = 'canary-7f3a';
const jwt = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.${secret}`;

const encode = (text: string): string => Buffer.from(text).toString('base64url');

/** An error as HTTP clients throw it: with the request, and all of its headers. */
function clientError(message = 'Request failed with status code 500'): Error {
  const config = { headers: { Authorization: `Bearer ${secret}` }, auth: { password: secret } };
  return Object.assign(new Error(message), {
    code: 'ERR_BAD_RESPONSE',
    config,
    request: { _header: secret },
    response: { data: secret, config },
    toJSON: () => ({ config }),
  });
}

const circular = new Error('circular');
circular.cause = circular;
const hostile = new Proxy(new Error('x'), {
  get() {
    throw new Error('hostile');
  },
});

const thrown: readonly (readonly [string, unknown, object])[] = [
  ['an error of an HTTP client', clientError(), { type: 'Error', code: 'ERR_BAD_RESPONSE' }],
  [
    'one that is the cause',
    new Error('outer', { cause: clientError() }),
    { message: 'outer', cause: expect.objectContaining({ code: 'ERR_BAD_RESPONSE' }) },
  ],
  [
    'several',
    new AggregateError([clientError(), new TypeError('second')], 'all failed'),
    {
      message: 'all failed',
      errors: [expect.anything(), expect.objectContaining({ message: 'second' })],
    },
  ],
  [
    'an object',
    { code: 'E_ODD', token: secret, headers: { authorization: secret } },
    { code: 'E_ODD' },
  ],
  ['an object with a message', { message: 'odd', token: secret }, { message: 'odd' }],
  [
    'a message that is an object',
    new Error(JSON.stringify({ customer: secret })),
    { type: 'Error' },
  ],
  [
    'an error of Postgres',
    Object.assign(new Error(`date/time field value out of range: "${secret}"`), {
      severity: 'ERROR',
      code: '22008',
      detail: `Key (a)=(${secret})`,
      table: 'users',
      column: 'born',
      constraint: `not a name: ${secret}`,
    }),
    {
      message: 'Postgres rejected a statement: data exception (22008)',
      code: '22008',
      severity: 'ERROR',
      table: 'users',
      column: 'born',
    },
  ],
  [
    'what GraphQL.js makes of one',
    new GraphQLError(`invalid input syntax for type uuid: "${secret}"`, {
      originalError: Object.assign(new Error(secret), { severity: 'ERROR', code: '22P02' }),
    }),
    {},
  ],
  [
    'an error of SQLite',
    Object.assign(new Error(`malformed JSON: ${secret}`), { code: 'SQLITE_ERROR' }),
    { message: 'SQLite rejected a statement (SQLITE_ERROR)', code: 'SQLITE_ERROR' },
  ],
  [
    'a constraint of SQLite',
    Object.assign(new Error('UNIQUE constraint failed: users.email'), {
      code: 'SQLITE_CONSTRAINT_UNIQUE',
    }),
    { constraint: 'users.email' },
  ],
  ['an object of data', { customer: secret }, { type: 'object' }],
  ['data as a message', new Error(`Unexpected error value: { customer: "${secret}" }`), {}],
  ['a list', [{ customer: secret }], { type: 'object' }],
  ['a list of text', [secret], { type: 'object' }],
  ['an object with a text of its own', { toString: () => secret }, { type: 'object' }],
  ['a map', new Map([[secret, secret]]), { type: 'object' }],
  [
    'a text with a token',
    `no: Bearer ${secret}`,
    { type: 'string', message: 'no: Bearer [redacted]' },
  ],
  ['a message with a token', new Error(`bad ${jwt} here`), { message: 'bad [redacted] here' }],
  [
    'a message with a cookie',
    new Error(`Cookie: a=1; session=${secret}\nnext`),
    { message: 'Cookie: [redacted]\nnext' },
  ],
  [
    'a message with cookies in JSON',
    new Error(`got "set-cookie": "a=1; s=${secret}", "b": 1`),
    { message: 'got "set-cookie": "[redacted]", "b": 1' },
  ],
  [
    'a message with another scheme',
    new Error(`Authorization: Token a, ${secret}`),
    { message: 'Authorization: [redacted]' },
  ],
  [
    'a message with a URL',
    new Error(`GET https://u:${secret}@h/`),
    { message: 'GET https://[redacted]@h/' },
  ],
  ['a message with a form', new Error(`token=${secret}&a=1`), { message: 'token=[redacted]&a=1' }],
  ['a message with JSON', new Error(`sent {"password":"${secret}"}`), {}],
  ['a circular error', circular, { message: 'circular' }],
  ['an object that throws when it is read', hostile, {}],
  ['a function', () => secret, { type: 'function' }],
  ['undefined', undefined, { type: 'undefined', message: 'undefined' }],
  ['null', null, { type: 'null' }],
  ['a number', 7, { type: 'number', message: '7' }],
  ['a symbol', Symbol('s'), { type: 'symbol' }],
];

const described = ['type', 'message', 'code', 'severity', 'table', 'column', 'constraint'];

describe('the description of a thrown value', () => {
  it.each(thrown)('%s: only its name, message, code, stack and causes', (_, value, expected) => {
    const description = describeError(value);
    expect(description).toMatchObject(expected);
    expect(JSON.stringify(description)).not.toContain(secret);
    expect(Object.keys(description)).toEqual(
      Object.keys(description).filter((name) =>
        [...described, 'stack', 'cause', 'errors'].includes(name),
      ),
    );
  });

  const long = 'x'.repeat(43);
  it.each([
    ...['{ "alg":"ES256"}', ' {"alg":"ES256"}', '\n\t{"alg":"ES256"}', '\r\n{ "a":1,"b":2}'].map(
      (header) => [header, ' { "sub":"user"}', long],
    ),
    ['anything-of-16-ch', 'anything-of-16-ch', long],
    ['session_{"alg":"ES256"}', '{"sub":"user"}', long],
    ['{"alg":"ES256"}', '{"sub":"user"}', 'short'],
    ['{"alg":"dir","enc":"A"}', '', 'iv-of-twelve', long, 'tag-of-sixteen-b'],
  ])('redacts a token, however its header is serialized: %j', (...parts) => {
    const [header = '', payload = '', ...rest] = parts;
    const token = [encode(header), encode(payload), ...rest].join('.');
    expect(redact(`sent ${token} twice`)).toBe('sent [redacted] twice');
  });

  it('redacts a token that was cut', () => {
    const token = [' {"alg":"ES256"}', ' {"sub":"user"}'].map(encode).join('.');
    for (const rest of ['', '.', '.abc']) {
      expect(redact(`sent ${token}${rest}xyz`, `sent ${token}${rest}`.length)).toBe(
        'sent [redacted]',
      );
    }
  });

  it.each([
    'at CompositeDefinition.methodOfTheComposite (file.ts:1:2)',
    'connect ECONNREFUSED api.internal-service-of-ours.example.com:443',
    'Configuration.of.the.service is missing',
    'at node_modules/@graphql-tools/executor/cjs/execution/execute.js:562:13',
  ])('keeps what is not a token: %s', (text) => expect(redact(text)).toBe(text));

  it('has a limited size', () => {
    const deep = Array.from({ length: 1_000 }).reduce<Error>(
      (cause) => new Error('m'.repeat(100_000), { cause }),
      new Error('innermost'),
    );
    const wide = new AggregateError(
      Array.from({ length: 1_000 }, () => deep),
      'w'.repeat(1_000_000),
    );
    for (const error of [deep, wide]) {
      expect(JSON.stringify(describeError(error)).length).toBeLessThan(100_000);
    }
    expect(redact('Bearer '.repeat(1_000_000)).length).toBeLessThan(3_000);
  });

  it('contains the stack frames', () => {
    expect(describeError(new Error('here')).stack).toMatch(/^ {4}at .*logger\.test\.ts/);
  });
});

describe('the log of Yoga', () => {
  const startYoga = (level: 'error' | 'debug', fail: () => unknown) => {
    const lines: string[] = [];
    const log = createLogger(level, { write: (line) => void lines.push(line) });
    const schema = guardSchema(
      makeExecutableSchema({
        typeDefs: [
          authDirectives,
          'type Query { open: String, list: [String], guarded: String @auth(policy: "breaks") }',
        ],
        resolvers: { Query: { open: fail, list: () => [fail(), fail()] } },
      }),
      { policies: { breaks: fail as () => boolean } },
    );
    const issuer = createTestIssuer();
    const yoga = createYoga({
      schema,
      plugins: [
        useAuth({ authenticator: authenticatorFor(issuer) }),
        useRequestErrors(log, undefined),
      ],
      maskedErrors: { maskError: maskUnexpectedErrors({ report: log.reportUnexpectedError }) },
      logging: log.yoga,
    });
    const ask = async (query: string, signal?: AbortSignal) => {
      const response = await yoga.fetch('http://localhost/graphql', {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          Authorization: `Bearer ${issuer.sign()}`,
        },
        body: JSON.stringify({ query }),
        ...(signal ? { signal } : {}),
      });
      return response.text();
    };
    return { ask, lines };
  };

  it.each(thrown)('has one line for each value that a resolver throws: %s', async (_, value) => {
    const { ask, lines } = startYoga('error', () => {
      throw value;
    });
    const text = await ask('{ open }');
    expect(text).not.toContain(secret);
    const { errors } = JSON.parse(text);
    expect(lines).toHaveLength(errors.length);
    expect(lines.join('')).not.toContain(secret);
    for (const [index, line] of lines.entries()) {
      const { id } = errors[index].extensions;
      expect(JSON.parse(line)).toMatchObject({ level: 50, id, err: expect.anything() });
    }
  });

  it.each(thrown)('has a line for each value that a policy throws: %s', async (_, value) => {
    const { ask, lines } = startYoga('error', () => {
      throw value;
    });
    expect(await ask('{ guarded }')).toContain('FORBIDDEN');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).not.toContain(secret);
      expect(JSON.parse(line).msg).toContain('Policy "breaks" threw');
    }
  });

  const aborted = () => new DOMException('This operation was aborted', 'AbortError');

  it.each([
    ['AbortError', aborted],
    ['TimeoutError', () => new DOMException('Too late', 'TimeoutError')],
    ['an AbortError of Node', () => Object.assign(new Error('aborted'), { name: 'AbortError' })],
  ])('has what a resolver aborted itself, with the id that the client got: %s', async (_, make) => {
    const { ask, lines } = startYoga('error', () => {
      throw make();
    });
    const [error] = JSON.parse(await ask('{ open }')).errors;
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([error.extensions.id]);
  });

  it('has an aborted request at debug level only', async () => {
    for (const level of ['error', 'debug'] as const) {
      const client = new AbortController();
      const { ask, lines } = startYoga(level, () => {
        client.abort();
        throw aborted();
      });
      await ask('{ open }', client.signal).catch(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
      const messages = lines.map((line) => JSON.parse(line).msg);
      if (level === 'error') expect(messages).toEqual([]);
      else expect(messages).toContain('A request was aborted.');
    }
  });

  it('has other errors of aborted requests', async () => {
    const client = new AbortController();
    const { ask, lines } = startYoga('error', () => {
      client.abort();
      throw new Error('broken');
    });
    await ask('{ open }', client.signal).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(lines.map((line) => JSON.parse(line).err.message)).toEqual(['broken']);
  });

  it('has the same error each time it is thrown', async () => {
    const same = new Error('the same');
    const { ask, lines } = startYoga('error', () => {
      throw same;
    });
    for (const query of ['{ open }', '{ guarded }', '{ open }', '{ guarded }', '{ list }']) {
      await ask(query);
    }
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'An unexpected error was masked.',
      expect.stringContaining('Policy "breaks" threw'),
      'An unexpected error was masked.',
      expect.stringContaining('Policy "breaks" threw'),
      'An unexpected error was masked.',
    ]);
  });

  const cyclic = Object.assign(new Error('cyclic'), { originalError: {} });
  cyclic.originalError = cyclic;
  it.each([
    ['a text', 'no room'],
    ['undefined', undefined],
    ['an error', new Error('again')],
    ['a cyclic error', cyclic],
  ])('has a value that is thrown again after it was masked: %s', async (_, value) => {
    const lines: string[] = [];
    const log = createLogger('error', { write: (line) => void lines.push(line) });
    log.reportUnexpectedError(value, 'the-id');
    log.yoga.error(value);
    expect(lines).toHaveLength(1);
    log.yoga.error('The policy "p" failed:', value);
    expect(lines).toHaveLength(2);
    await Promise.resolve();
    log.yoga.error(value);
    expect(lines).toHaveLength(3);
  });
});
