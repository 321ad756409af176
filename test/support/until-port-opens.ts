import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Resolves once the port accepts connections; rejects after a minute.
 *
 * @param check Called before each attempt. What it throws ends the wait.
 */
export async function untilPortOpens(port: number, check = (): void => {}): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    check();
    if (await accepts(port)) return;
    await pause(10);
  }
  throw new Error(`Nothing listens on port ${port}.`);
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
