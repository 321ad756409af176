import type { ServerProcess } from '../../support/process.ts';
import { untilPortOpens } from '../../support/until-port-opens.ts';

/** Resolves once the port accepts connections; rejects if the process ends, or after a minute. */
export async function waitForPort(port: number, { ended, output }: ServerProcess): Promise<void> {
  let exit: number | null | undefined;
  void ended.then((code) => {
    exit = code;
  });
  await untilPortOpens(port, () => {
    if (exit !== undefined) throw new Error(`The server ended with ${exit}: ${output.errors}`);
  });
}
