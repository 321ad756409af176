/**
 * The entry `graphql-resource-server/testing/vitest` of the package: importing it registers the matchers
 * in vitest, with their types.
 *
 * @example
 * ```ts
 * import 'graphql-resource-server/testing/vitest';
 *
 * expect(await askAs(yoga, guest, '{ notes }')).toBeRefused({ scope: 'read:messages' });
 * ```
 */
import { expect } from 'vitest';
import { type ResponseAssertions, responseMatchers } from '../response-matchers.ts';

expect.extend(responseMatchers);

declare module 'vitest' {
  interface Matchers<T> extends ResponseAssertions {}
}
