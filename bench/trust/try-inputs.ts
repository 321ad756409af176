import fc from 'fast-check';
import { abusiveBodies, hostileOperation } from '../../test/support/hostile/documents.ts';
import { findExchangeProblem } from '../../test/support/hostile/exchange-problem.ts';
import { hostileFrames } from '../../test/support/hostile/hostile-frames.ts';
import { exchangeBytes } from '../../test/support/hostile/http-exchange.ts';
import { hostileBytes, hostileRequest } from '../../test/support/hostile/http-requests.ts';
import { exchangeFrames } from '../../test/support/hostile/web-socket-exchange.ts';
import { send } from '../../test/support/http.ts';
import { bearerRows } from '../../test/support/refusals/bearer-rows.ts';
import { dpopRows } from '../../test/support/refusals/dpop-rows.ts';
import { proofAttackRows } from '../../test/support/refusals/proof-attack-rows.ts';
import { proofRows } from '../../test/support/refusals/proof-rows.ts';
import { partsOf, type RefusalRow } from '../../test/support/refusals/refusal-row.ts';
import { tokenContentRows } from '../../test/support/refusals/token-content-rows.ts';
import { tokenHeaderRows } from '../../test/support/refusals/token-header-rows.ts';
import type { TestIssuer } from '../../test/support/tokens.ts';
import type { WatchedServer } from './watched-server.ts';

/** What became of hostile inputs of one kind. */
export interface Trial {
  readonly name: string;
  readonly tried: number;
  /** What went wrong, one for each input. */
  readonly problems: readonly string[];
}

/** How many inputs there are, and which. */
export interface TrialOptions {
  readonly server: WatchedServer;
  readonly issuer: TestIssuer;
  /** Times as many as by default. */
  readonly runs: number;
  readonly seed: number;
}

const json = ['Content-Type', 'application/json', 'Accept', 'application/json'];

/** Sends every kind of hostile input, and reports those to which the response was not a refusal. */
export async function tryInputs(
  options: TrialOptions,
  onTrial: (trial: Trial) => void,
): Promise<readonly Trial[]> {
  const { server, issuer, runs, seed } = options;
  const generate = <Input>(arbitrary: fc.Arbitrary<Input>, usual: number): readonly Input[] =>
    fc.sample(arbitrary, { numRuns: Math.ceil(usual * runs), seed });
  const trials: Trial[] = [];
  const run = async <Input>(
    name: string,
    inputs: readonly Input[],
    findProblem: (input: Input) => Promise<string | undefined>,
  ): Promise<void> => {
    const trial = { name, tried: inputs.length, problems: await findProblems(inputs, findProblem) };
    trials.push(trial);
    onTrial(trial);
  };

  const rows = [
    ...bearerRows,
    ...dpopRows,
    ...proofRows,
    ...tokenHeaderRows,
    ...tokenContentRows,
    ...proofAttackRows,
  ].filter(({ on = 'optional' }) => on === 'optional');
  const credentials = Array.from({ length: Math.ceil(runs) }, () => rows).flat();
  await run('tokens and proofs', credentials, (row) => tryCredentials(server, issuer, row));

  const bodies = [
    ...Object.values(abusiveBodies),
    ...generate(hostileOperation, 2_000).map((operation) => JSON.stringify(operation)),
  ];
  await run('operations', bodies, (body) => tryOperation(server, body));
  for (const [name, arbitrary] of [
    ['requests', hostileRequest],
    ['bytes', hostileBytes],
  ] as const) {
    await run(name, generate(arbitrary, 3_000), async (bytes) =>
      findExchangeProblem(bytes, await exchangeBytes(server.port, bytes)),
    );
  }
  await run('sequences of frames', generate(hostileFrames, 1_000), async (writes) => {
    const { problem, close } = await exchangeFrames(server.port, writes);
    return (
      problem ?? (close?.code === 1011 || close?.code === 4500 ? `close ${close.code}` : undefined)
    );
  });
  return trials;
}

/** Several at once, as servers have them. */
async function findProblems<Input>(
  inputs: readonly Input[],
  findProblem: (input: Input) => Promise<string | undefined>,
): Promise<string[]> {
  const problems: string[] = [];
  const concurrency = 20;
  for (let at = 0; at < inputs.length; at += concurrency) {
    const found = await Promise.all(
      inputs
        .slice(at, at + concurrency)
        .map((input) => findProblem(input).catch((error: unknown) => `no response: ${error}`)),
    );
    problems.push(...found.filter((problem) => problem !== undefined));
  }
  return problems;
}

async function tryCredentials(
  { origin, endpoint }: WatchedServer,
  issuer: TestIssuer,
  { headers, query = '', status, case: name }: RefusalRow,
): Promise<string | undefined> {
  const response = await send(`${endpoint}${query}`, {
    method: 'POST',
    headers: [...json, ...(headers?.({ ...partsOf({ origin, endpoint, issuer }) }) ?? [])],
    body: '{"query":"{ private { message } }"}',
  });
  return response.status === status ? undefined : `${name}: ${response.status}, not ${status}`;
}

async function tryOperation(
  { endpoint }: WatchedServer,
  body: string,
): Promise<string | undefined> {
  const { status, text } = await send(endpoint, { method: 'POST', headers: json, body });
  return status >= 500 || text.includes('Hello from a private')
    ? `${status} ${text.slice(0, 200)} for ${body.slice(0, 300)}`
    : undefined;
}
