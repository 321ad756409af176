import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBenchIssuer } from './credentials.ts';
import { median } from './figure.ts';
import { compareGrowth, type GrowthName, type GrowthResult } from './growth-report.ts';
import { type LoadProcess, startLoadProcess } from './load-process.ts';
import { createExchanges, createTypes, type Exchanges } from './many-requests.ts';
import { freePort } from './measure-start.ts';
import { scenarios } from './scenarios.ts';
import { copyBuild } from './server-process.ts';
import { startTarget, type Target } from './target.ts';

/** How much there is of everything. */
export interface GrowthOptions {
  /** Of the run in which memory is measured. */
  readonly requests: number;
  readonly tokens: number;
  readonly documents: number;
  /** Rounds of each comparison of CPU time. */
  readonly rounds: number;
  /** Requests of a round. */
  readonly roundRequests: number;
  readonly onProgress: (message: string) => void;
}

const connections = 32;
const firstRequests = 10_000;
const batchSize = 10_000;
/** No round may end early. */
const milliseconds = 600_000;

/** Measures whether time and memory of a request depend on how much the server has seen, or has to serve. */
export async function measureGrowth(options: GrowthOptions): Promise<GrowthResult[]> {
  const issuer = await startBenchIssuer();
  const builds = await Promise.all([copyBuild(), copyBuild()]);
  const load = startLoadProcess();
  const targets: Target[] = [];
  const abort = (): void => {
    for (const { server } of targets) server.kill();
    for (const { remove } of builds) remove();
  };
  process.once('exit', abort);
  try {
    const [few, many] = builds.map(({ folder }) => folder);
    const start = async (folder = ''): Promise<Target> => {
      const target = await startTarget(guarded, { issuer, port: await freePort(), folder });
      targets.push(target);
      return target;
    };
    await appendFile(join(few ?? '', 'schema.graphql'), createTypes(7));
    await appendFile(join(many ?? '', 'schema.graphql'), createTypes(9_997));
    const [used, fresh, large] = [await start(few), await start(few), await start(many)];
    const { createToken } = issuer;
    return [
      await measureMemory(used, load, createToken, options),
      ...(await measureTime({ used, fresh, large }, load, createToken, options)),
    ];
  } finally {
    process.off('exit', abort);
    load.stop();
    await Promise.all(targets.map(({ server }) => server.stop()));
    for (const { remove } of builds) remove();
    issuer.close();
  }
}

const [guarded] = scenarios;

/**
 * Sends each token several times in a row, as clients do. Every tenth request has a document that is
 * not cached any more; all others have one of a hundred.
 */
async function measureMemory(
  target: Target,
  load: LoadProcess,
  createToken: () => string,
  { requests, tokens, documents, onProgress }: GrowthOptions,
): Promise<GrowthResult> {
  const perToken = requests / tokens;
  let token = '';
  let before = Number.NaN;
  for (let sent = 0; sent < requests; sent += batchSize) {
    const all = Array.from({ length: batchSize }, (_, place) => {
      const index = sent + place;
      if (index % perToken === 0) token = createToken();
      const document = index % 10 === 0 ? 100 + ((index / 10) % (documents - 100)) : index % 100;
      return { token, document };
    });
    await sendAll(target, load, createExchanges(target, all));
    const memory = target.server.residentMegabytes();
    if (sent + batchSize === firstRequests) before = memory;
    if ((sent + batchSize) % (requests / 20) === 0 || sent === 0) {
      onProgress(`${sent + batchSize} requests: ${memory.toFixed(1)} MB`);
    }
  }
  return compareGrowth('memory', before, target.server.residentMegabytes());
}

/** Compares the CPU time of requests, in rounds that take turns. */
async function measureTime(
  { used, fresh, large }: Readonly<Record<'used' | 'fresh' | 'large', Target>>,
  load: LoadProcess,
  createToken: () => string,
  { rounds, roundRequests, onProgress }: GrowthOptions,
): Promise<GrowthResult[]> {
  const token = createToken();
  const tokens = Array.from({ length: 5_000 }, createToken);
  let newDocument = 1_000_000;

  const repeat = (target: Target): Exchanges => fill(target, () => ({ token, document: 0 }));
  const fill = (
    target: Target,
    create: (index: number) => { token: string; document: number },
    length = roundRequests,
  ): Exchanges =>
    createExchanges(
      target,
      Array.from({ length }, (_, index) => create(index)),
    );
  const withKnownTokens = (target: Target): Exchanges =>
    fill(target, (index) => ({ token: tokens[index % tokens.length] ?? token, document: 0 }));
  const withKnownDocuments = (target: Target): Exchanges =>
    fill(target, (index) => ({ token, document: 8 * (index % 500) }));
  // As few as leave the caches of the fresh server with room until the last round.
  const withNewTokens = (target: Target): Exchanges =>
    fill(target, () => ({ token: createToken(), document: 0 }), 500);
  const withNewDocuments = (target: Target): Exchanges =>
    fill(target, () => ({ token, document: 8 * newDocument++ }), 100);

  type Side = readonly [target: Target, create: (target: Target) => Exchanges];
  const comparisons: readonly (readonly [GrowthName, Side, Side])[] = [
    ['new-tokens', [fresh, withNewTokens], [used, withNewTokens]],
    ['new-documents', [fresh, withNewDocuments], [used, withNewDocuments]],
    ['known-tokens', [used, repeat], [used, withKnownTokens]],
    ['known-documents', [used, repeat], [used, withKnownDocuments]],
    ['types', [fresh, repeat], [large, repeat]],
  ];
  // So that all of them have compiled what is measured.
  for (const target of [fresh, large, used]) {
    for (let sent = 0; sent < firstRequests; sent += roundRequests) {
      await sendAll(target, load, repeat(target));
    }
  }
  const results: GrowthResult[] = [];
  for (const [name, before, after] of comparisons) {
    onProgress(name);
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round += 1) {
      for (const [place, [target, create]] of [before, after].entries()) {
        const time = await sendAll(target, load, create(target));
        // The first round fills the caches.
        if (round > 0) times[place]?.push(time);
      }
    }
    results.push(compareGrowth(name, median(times[0]), median(times[1])));
  }
  return results;
}

/** Sends each request once. Returns the CPU time of the server for one, in microseconds. */
async function sendAll(
  { server }: Target,
  load: LoadProcess,
  exchanges: Exchanges,
): Promise<number> {
  const before = server.cpuMicroseconds();
  const result = await load.run({ port: server.port, connections, milliseconds, ...exchanges });
  if (result.unexpected > 0) {
    throw new Error(`${result.unexpected} unexpected responses, such as ${result.firstUnexpected}`);
  }
  return (server.cpuMicroseconds() - before) / result.responses;
}
