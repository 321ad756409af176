import { expect, test } from 'vitest';
import { CommandError, TokenRefusedError, UsageError } from '../../src/cli/command.ts';
import { runInProcess } from './run-in-process.ts';

test.each<[string, Error, number, RegExp]>([
  ['a refusal', new TokenRefusedError('No token.'), 1, /^No token\.\n$/],
  ['invalid arguments', new UsageError('Unknown option.'), 2, /^Unknown option\.\n$/],
  ['an operational error', new CommandError('No response.'), 2, /^No response\.\n$/],
  ['an error in the command', new TypeError('unexpected'), 2, /^TypeError: unexpected\n +at /],
])('%s ends a command', async (_case, error, code, stderr) => {
  const outcome = await runInProcess(() => Promise.reject(error), { folder: '.' });

  expect(outcome).toEqual({ code, stdout: '', stderr: expect.stringMatching(stderr) });
});
