import {
  type AuthErrorCode,
  type AuthScheme,
  type ChallengeError,
  statusOf,
} from '../authentication/auth-error-reasons.ts';
import { isObject } from '../shared/type-guards.ts';
import type { TestError, TestResponse } from './ask-as.ts';

/** What a refusal is expected to be. What is omitted can be anything. */
export interface ExpectedRefusal {
  /** 401 or 403, or 400 and 503 for credentials. */
  readonly status?: number;
  /** The `code` in the extensions of the first error. */
  readonly code?: AuthErrorCode;
  /** The scheme of a challenge. */
  readonly scheme?: AuthScheme;
  /** The `error` of a challenge, such as `insufficient_scope`. */
  readonly error?: ChallengeError;
  /** The scopes that a challenge says are sufficient, in any order. */
  readonly scope?: string;
}

/** What is expected besides data. */
export interface ExpectedPartialData {
  /** The paths of refused fields, such as `posts.0.secret`: exactly these. Default: none. */
  readonly refused?: readonly string[];
}

/** The result of a matcher, in the form that `expect.extend` of vitest, Jest and Bun expects. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The assertions about a response of `askAs`. */
export interface ResponseAssertions {
  /**
   * Passes if the operation was refused as a whole: a status other than 2xx, errors and no data, and a
   * challenge with a 401 or 403, all as expected.
   */
  toBeRefused(expected?: ExpectedRefusal): void;
  /**
   * Passes if the operation ran: status 200, exactly this data, and no errors other than those of the
   * fields that are expected to be refused.
   */
  toHaveData(data: unknown, expected?: ExpectedPartialData): void;
}

/**
 * The matchers `toBeRefused` and `toHaveData` for `expect.extend`. In vitest, import
 * `graphql-resource-server/testing/vitest` instead, which registers them with their types.
 *
 * @example
 * ```ts
 * expect.extend(responseMatchers);
 *
 * expect(await askAs(yoga, anonymous, '{ private { message } }')).toBeRefused({ status: 401 });
 * ```
 */
export const responseMatchers = {
  toBeRefused(response: TestResponse, expected: ExpectedRefusal = {}): MatcherResult {
    return report(response, 'to be refused', findRefusalProblems(response, expected));
  },
  toHaveData(
    response: TestResponse,
    data: unknown,
    expected: ExpectedPartialData = {},
  ): MatcherResult {
    return report(response, 'to have this data', findDataProblems(response, data, expected));
  },
};

/**
 * Asserts what an operation got, with any test runner, such as `node:test`.
 *
 * @throws {Error} from each assertion, with a message that lists all differences
 *
 * @example
 * ```ts
 * const response = await askAs(yoga, guest, '{ notes }');
 *
 * expectResponse(response).toBeRefused({ status: 403, scope: 'read:messages' });
 * ```
 */
export function expectResponse(response: TestResponse): ResponseAssertions {
  const assert = ({ pass, message }: MatcherResult): void => {
    if (!pass) throw new Error(message());
  };
  return {
    toBeRefused: (expected) => assert(responseMatchers.toBeRefused(response, expected)),
    toHaveData: (data, expected) => assert(responseMatchers.toHaveData(response, data, expected)),
  };
}

function findRefusalProblems(response: TestResponse, expected: ExpectedRefusal): string[] {
  const { status, body, challenges } = response;
  const code = body.errors?.[0]?.extensions?.['code'];
  const problems: string[] = [];
  if (expected.status !== undefined && expected.status !== status) {
    problems.push(`The status is ${status}, not ${expected.status}.`);
  } else if (status < 400) problems.push(`The status is ${status}.`);
  if (body.data != null) problems.push('The body has data.');
  if (expected.code !== undefined && expected.code !== code) {
    problems.push(`The code is ${format(code)}, not ${format(expected.code)}.`);
  } else if (typeof code !== 'string' || !Object.hasOwn(statusOf, code)) {
    problems.push(`The code is ${format(code)}, which is not the code of a refusal.`);
  }
  if ((status === 401 || status === 403) && challenges.length === 0) {
    problems.push('There is no WWW-Authenticate header.');
  }
  for (const name of ['scheme', 'error', 'scope'] as const) {
    const wanted = expected[name];
    const found = challenges.map((challenge) => challenge[name]);
    if (wanted !== undefined && !found.some((text) => sortWords(text) === sortWords(wanted))) {
      problems.push(
        `The ${name} of the challenge is ${found.map(format).join(' or ') || 'missing'}, not ${format(wanted)}.`,
      );
    }
  }
  return problems;
}

function findDataProblems(
  { status, body }: TestResponse,
  data: unknown,
  { refused = [] }: ExpectedPartialData,
): string[] {
  const errors = body.errors ?? [];
  const found = errors.filter(isRefusal).map(({ path = [] }) => path.join('.'));
  return [
    ...(status === 200 ? [] : [`The status is ${status}, not 200.`]),
    ...(isEqual(body.data, data) ? [] : [`The data is ${format(body.data)}, not ${format(data)}.`]),
    ...found.filter((path) => !refused.includes(path)).map((path) => `${path} is refused.`),
    ...refused.filter((path) => !found.includes(path)).map((path) => `${path} is not refused.`),
    ...errors.filter((error) => !isRefusal(error)).map(({ message }) => `Error: ${message}`),
  ];
}

/** A refused field, other than an error of a resolver. */
function isRefusal({ path, extensions }: TestError): boolean {
  const code = extensions?.['code'];
  return path !== undefined && (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN');
}

function report(
  { status, challenge, body }: TestResponse,
  expectation: string,
  problems: readonly string[],
): MatcherResult {
  const pass = problems.length === 0;
  return {
    pass,
    message: () =>
      [
        `Expected the response ${pass ? 'not ' : ''}${expectation}.`,
        ...problems,
        `Response: ${format({ status, challenge, body })}`,
      ].join('\n'),
  };
}

const format = (value: unknown): string => JSON.stringify(value) ?? 'missing';

const sortWords = (text: string | undefined): string | undefined =>
  text?.split(' ').sort().join(' ');

/** Compares JSON values. Expected values can be asymmetric matchers, such as `expect.any(String)`. */
function isEqual(actual: unknown, expected: unknown): boolean {
  if (!isObject(expected)) return Object.is(actual, expected);
  const { asymmetricMatch } = expected;
  if (typeof asymmetricMatch === 'function') return asymmetricMatch.call(expected, actual) === true;
  if (!isObject(actual) || Array.isArray(actual) !== Array.isArray(expected)) return false;
  const names = Object.keys(expected);
  return (
    names.length === Object.keys(actual).length &&
    names.every((name) => Object.hasOwn(actual, name) && isEqual(actual[name], expected[name]))
  );
}
