import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDocument } from '../documentation/markdown.ts';
import { untilPortOpens } from '../support/until-port-opens.ts';

/** The nginx of deploy/nginx.conf. */
export interface NginxProcess {
  /** What it logged as a problem. */
  errors(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts nginx with deploy/nginx.conf. Addresses and files are replaced, and nothing else.
 *
 * @throws {Error} That says what to install, if there is none.
 */
export async function startNginx(
  port: number,
  instances: readonly number[],
): Promise<NginxProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  // Its workers run as another user.
  await chmod(folder, 0o755);
  const file = (name: string): string => join(folder, name);
  const replacements = [
    ...instances.map((own, index) => [`server api-${index + 1}:4000`, `server 127.0.0.1:${own}`]),
    ['listen 8080;', `listen 127.0.0.1:${port};`],
    ['/dev/stderr', file('errors')],
    ['/dev/stdout', file('requests')],
  ] as const;
  let text = readDocument('deploy/nginx.conf');
  for (const [found, replacement] of replacements) {
    if (found === undefined || replacement === undefined || !text.includes(found)) {
      throw new Error(`deploy/nginx.conf does not contain ${found}.`);
    }
    text = text.replace(found, replacement);
  }
  await writeFile(file('nginx.conf'), text);
  const child = spawn(
    'nginx',
    ['-p', folder, '-c', file('nginx.conf'), '-g', `daemon off; pid ${file('pid')};`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let output = '';
  child.stderr.on('data', (data) => {
    output += data;
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve();
    });
    child.once('exit', () => resolve());
  });
  const failed = ended.then(() => {
    throw new Error(
      output.includes('ENOENT')
        ? 'These tests need nginx, and it is not installed. On Debian and Ubuntu: apt-get install nginx. With Homebrew: brew install nginx.'
        : `nginx ended: ${output}`,
    );
  });
  // Only of interest until it responds.
  failed.catch(() => {});
  await Promise.race([untilPortOpens(port), failed]);
  return {
    errors: async () => output + (await readFile(file('errors'), 'utf8')),
    async close() {
      child.kill('SIGQUIT');
      const timer = setTimeout(() => child.kill('SIGTERM'), 2_000);
      await ended;
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
