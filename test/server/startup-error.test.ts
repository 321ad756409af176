import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/server/configuration/configuration-error.ts';
import { formatStartupError } from '../../src/server/startup-error.ts';

const nodeError = (code: string, members: object = {}, message = 'said by Node') =>
  Object.assign(new Error(message), { code, ...members });

describe('errors at startup', () => {
  it.each([
    [
      'a port in use',
      nodeError('EADDRINUSE', { port: 4000 }),
      /^Port 4000 is already in use\. .*PORT/,
    ],
    [
      'a port of the system',
      nodeError('EACCES', { port: 80 }),
      /^Port 80 requires elevated privileges\. .*PORT/,
    ],
    [
      'an address of another machine',
      nodeError('EADDRNOTAVAIL'),
      /^HOST is not an address of this machine/,
    ],
    [
      'a production install without an issuer',
      nodeError('ERR_MODULE_NOT_FOUND', {}, "Cannot find package 'oidc-provider'"),
      /^The local issuer is not part of a production install. Set AUTH0_DOMAIN/,
    ],
    [
      'wrong settings',
      new ConfigurationError([{ variable: 'PORT', message: 'PORT is wrong' }]),
      /^PORT is wrong$/,
    ],
  ])('%s, in one line', (_, error, line) => {
    const text = formatStartupError(error);
    expect(text).toMatch(line);
    expect(text).not.toContain('\n');
  });

  it('an unexpected error, with its stack', () => {
    expect(formatStartupError(new Error('unexpected'))).toContain('startup-error.test.ts');
  });
});
