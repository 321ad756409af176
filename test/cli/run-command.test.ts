import { expect, test } from 'vitest';
import { CommandError, TokenRefusedError, UsageError } from '../../src/cli/command-error.ts';
import { ConfigurationError } from '../../src/server/configuration/configuration-error.ts';
import { runInProcess } from './run-in-process.ts';

const fault = { variable: 'PORT', message: 'PORT is wrong' };

test.each<[string, Error, number, RegExp]>([
  ['a refusal', new TokenRefusedError('No token.'), 1, /^No token\.\n$/],
  ['a wrong call', new UsageError('No such option.'), 2, /^No such option\.\n$/],
  ['what cannot be found out', new CommandError('No answer.'), 2, /^No answer\.\n$/],
  ['a wrong setting', new ConfigurationError([fault]), 2, /^PORT is wrong\n$/],
  ['an error in the command', new TypeError('unexpected'), 2, /^TypeError: unexpected\n +at /],
])('%s ends a command', async (_case, error, code, stderr) => {
  const outcome = await runInProcess(() => Promise.reject(error), { folder: '.' });

  expect(outcome).toEqual({ code, stdout: '', stderr: expect.stringMatching(stderr) });
});
