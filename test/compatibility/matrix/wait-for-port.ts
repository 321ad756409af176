import { connect } from 'node:net';
import type { ServerProcess } from '../../support/process.ts';

/** Resolves once the port accepts connections; rejects if the process ends, or after a minute. */
export async function waitForPort(port: number, { ended, output }: ServerProcess): Promise<void> {
  let exit: number | null | undefined;
  void ended.then((code) => {
    exit = code;
  });
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    if (exit !== undefined) throw new Error(`The server ended with ${exit}: ${output.errors}`);
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The server does not listen on port ${port}. ${output.errors}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
