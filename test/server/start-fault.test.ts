import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/server/configuration/configuration-error.ts';
import { explainStartFault } from '../../src/server/start-fault.ts';

const fault = (code: string, members: object = {}, message = 'said by Node') =>
  Object.assign(new Error(message), { code, ...members });

describe('why the server did not start', () => {
  it.each([
    ['a taken port', fault('EADDRINUSE', { port: 4000 }), /^The port 4000 is taken: .*PORT/],
    ['a port of the system', fault('EACCES', { port: 80 }), /^The port 80 may not be used: .*PORT/],
    ['an address that is none', fault('EADDRNOTAVAIL'), /^HOST is no address of this machine/],
    [
      'a production install without an issuer',
      fault('ERR_MODULE_NOT_FOUND', {}, "Cannot find package 'oidc-provider'"),
      /^The local issuer is not part of a production install: set AUTH0_DOMAIN/,
    ],
    [
      'wrong settings',
      new ConfigurationError([{ variable: 'PORT', message: 'PORT is wrong' }]),
      /^PORT is wrong$/,
    ],
  ])('%s, in one line', (_, error, line) => {
    const text = explainStartFault(error);
    expect(text).toMatch(line);
    expect(text).not.toContain('\n');
  });

  it('a fault of ours, whole', () => {
    expect(explainStartFault(new Error('ours'))).toContain('start-fault.test.ts');
  });
});
