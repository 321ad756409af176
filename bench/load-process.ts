import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadResult } from './load.ts';
import { pinned } from './server-process.ts';

/** The load generator, which runs one order after the other. */
export interface LoadProcess {
  /** @throws {Error} When it exits, or cannot reach the server */
  run(order: LoadOrder): Promise<LoadResult>;
  stop(): void;
}

/** Starts the load generator as a process of its own. */
export function startLoadProcess(): LoadProcess {
  const file = fileURLToPath(new URL('load.ts', import.meta.url));
  const [command, args] = pinned('load', process.execPath, ['--import', 'tsx', file]);
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const exited = once(child, 'exit').then(() => ({ error: 'The load generator exited.' }));
  return {
    async run(order) {
      child.send(order);
      const answer = await Promise.race([
        once(child, 'message').then(([message]) => message),
        exited,
      ]);
      if ('error' in answer) throw new Error(answer.error);
      return answer.result;
    },
    stop: () => child.disconnect(),
  };
}
