import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Ask, isMutation, seenIn } from './client.ts';

const run = promisify(execFile);

/** The body is printed, and the status after it, as `-w` is told to. */
export const askWithCurl: Ask = async (query, { endpoint, credentials, method, accept }) => {
  const isGet = method === 'GET' && !isMutation(query);
  const headers = { accept, ...(await credentials(isGet ? 'GET' : 'POST', endpoint)) };
  const { stdout } = await run('curl', [
    '--silent',
    '--write-out',
    '\n%{http_code}',
    ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    ...(isGet
      ? ['--get', '--data-urlencode', `query=${query}`]
      : ['--header', 'content-type: application/json', '--data', JSON.stringify({ query })]),
    endpoint,
  ]);
  const end = stdout.lastIndexOf('\n');
  return seenIn(Number(stdout.slice(end)), stdout.slice(0, end));
};
