import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createTestClock } from '../../support/clock.ts';
import { freePort } from '../../support/free-ports.ts';
import { type ServerProcess, startProcess } from '../../support/process.ts';
import { createTestIssuer, type TestIssuer } from '../../support/tokens.ts';
import type { Column } from './columns.ts';
import { startIssuer } from './start-issuer.ts';
import { waitForPort } from './wait-for-port.ts';

/** How a process of a server is configured. */
export type Mode = 'optional' | 'required' | 'off' | 'strict';

/** One process of a server. */
interface TargetServer {
  /** `http://localhost:PORT` */
  readonly origin: string;
  readonly endpoint: string;
  readonly issuer: TestIssuer;
}

/** A server under test: a process for each mode, and the issuers whose tokens they accept. */
export interface Target {
  readonly servers: Readonly<Record<Mode, TargetServer>>;
  readonly issuer: TestIssuer;
  /** Another trusted issuer, which cannot be reached. */
  readonly downIssuer: TestIssuer;
  /** Makes the replay store fail, or work again. */
  setReplayStoreDown(isDown: boolean): void;
  stop(): Promise<void>;
}

const modes: Readonly<Record<Mode, Readonly<Record<string, string>>>> = {
  optional: { DPOP: 'optional' },
  required: { DPOP: 'required', DPOP_NONCE: 'required' },
  off: { DPOP: 'off' },
  strict: { DPOP: 'off', REQUIRED_CLAIMS: 'email' },
};

/** Starts the issuers, the replay store and the processes of a server. */
export async function startTarget({ folder, command, build }: Column): Promise<Target> {
  if (build !== undefined) {
    await promisify(execFile)(process.execPath, [build], { cwd: folder });
  }
  // A clock that stands still: requests have the time at which the server was started.
  const clock = createTestClock(new Date(Math.floor(Date.now() / 1000) * 1000));
  const { issuer, url, setReplayStoreDown, close } = await startIssuer(clock);
  const downIssuer = createTestIssuer({ issuer: `http://localhost:${await freePort()}/`, clock });
  const processes: ServerProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const one of processes) one.signal('SIGTERM');
    await Promise.all(processes.map(({ ended }) => ended));
    await close();
  };

  async function start(mode: Mode): Promise<TargetServer> {
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const environment = {
      PORT: String(port),
      OIDC_ISSUER: issuer.issuer,
      OIDC_AUDIENCE: issuer.audience,
      DOWN_ISSUER: downIssuer.issuer,
      PUBLIC_URL: origin,
      REPLAY_STORE: `${url}/replay`,
      CLOCK: clock.now().toISOString(),
      ...modes[mode],
    };
    const process = startProcess(folder, environment, { command });
    processes.push(process);
    await waitForPort(port, process);
    return { origin, endpoint: `${origin}/graphql`, issuer };
  }

  try {
    const [optional, required, off, strict] = await Promise.all([
      start('optional'),
      start('required'),
      start('off'),
      start('strict'),
    ]);
    const servers = { optional, required, off, strict };
    return { servers, issuer, downIssuer, setReplayStoreDown, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
