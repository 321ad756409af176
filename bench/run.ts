import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import { startBenchIssuer } from './credentials.ts';
import { median } from './figure.ts';
import type { LoadResult } from './load.ts';
import { type LoadProcess, startLoadProcess } from './load-process.ts';
import { freePort } from './measure-start.ts';
import type { Scenario } from './scenarios.ts';
import { copyBuild, pinnedCpus } from './server-process.ts';
import { startTarget, type Target } from './target.ts';

/** How long a run takes. */
export interface RunOptions {
  readonly rounds: number;
  /** Of one round of one server. */
  readonly milliseconds: number;
  /** Requests of a round in which none may be sent twice. */
  readonly singleUseRequests: number;
  /** Requests to each server before the first round. */
  readonly warmUpRequests: number;
  readonly onProgress: (message: string) => void;
}

/** What is compared with the same round of another scenario. */
export interface RoundFigures {
  readonly cpuMicroseconds: number;
  readonly p99Milliseconds: number;
}

/** A scenario with its figures: medians over the rounds. */
export interface MeasuredScenario extends RoundFigures {
  readonly name: string;
  readonly label: string;
  readonly requestsPerSecond: number;
  readonly p50Milliseconds: number;
  readonly residentMegabytes: number;
  readonly rounds: readonly RoundFigures[];
  /** What the server should have refused and did not; undefined without authorization. */
  readonly accepted?: readonly string[] | undefined;
  readonly refusesReplay?: boolean | undefined;
}

/** A scenario without figures, and why. */
interface SkippedScenario {
  readonly name: string;
  readonly label: string;
  readonly reason: string;
}

/** All that a run found out. */
export interface RunReport {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly connections: number;
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly isPinned: boolean;
  /** CPUs that other processes kept busy, at the median. */
  readonly otherCpuLoad: number;
  /** How much of its CPU the load generator used at most. */
  readonly loadCpuShare: number;
  readonly measured: readonly MeasuredScenario[];
  readonly skipped: readonly SkippedScenario[];
}

const connections = 32;
const maxWarmUpMs = 40_000;

/** Starts a server for every scenario, then measures them in turns. */
export async function runBenchmark(
  scenarios: readonly Scenario[],
  options: RunOptions,
): Promise<RunReport> {
  const issuer = await startBenchIssuer();
  const build = await copyBuild();
  const load = startLoadProcess();
  const targets: Target[] = [];
  const skipped: SkippedScenario[] = [];
  const rounds = new Map<string, Round[]>();
  const skip = ({ name, label }: Scenario, reason: string): void => {
    skipped.push({ name, label, reason });
    options.onProgress(`${name}: not measured: ${reason}`);
  };
  const abort = (): void => {
    for (const { server } of targets) server.kill();
    build.remove();
  };
  process.once('exit', abort);
  try {
    for (const scenario of scenarios) {
      try {
        const port = await freePort();
        targets.push(await startTarget(scenario, { issuer, port, folder: build.folder }));
      } catch (error) {
        const { requires } = scenario.server;
        const reason = error instanceof Error ? error.message : String(error);
        skip(scenario, requires ? `${reason} (requires ${requires})` : reason);
      }
    }

    for (let round = 0; round <= options.rounds; round += 1) {
      options.onProgress(round === 0 ? 'warm-up' : `round ${round} of ${options.rounds}`);
      // Every second round in reverse, so that no server always follows the same one.
      for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
        const { name } = target.scenario;
        if (skipped.some((one) => one.name === name)) continue;
        try {
          if (round === 0) {
            await warmUp(target, load, options);
            continue;
          }
          const measured = await measureRound(target, load, options);
          rounds.set(name, [...(rounds.get(name) ?? []), measured]);
        } catch (error) {
          skip(target.scenario, error instanceof Error ? error.message : String(error));
        }
      }
    }

    const complete = targets.filter(
      ({ scenario }) => !skipped.some(({ name }) => name === scenario.name),
    );
    const all = [...rounds.values()].flat();
    return {
      date: new Date().toISOString().slice(0, 10),
      machine: describeMachine(),
      node: process.version,
      connections,
      rounds: options.rounds,
      secondsPerRound: options.milliseconds / 1_000,
      isPinned: pinnedCpus !== undefined,
      otherCpuLoad: median(all.map((round) => round.otherCpuLoad)),
      loadCpuShare: Math.max(...all.map((round) => round.loadCpuShare)),
      measured: complete.map((target) => summarize(target, rounds.get(target.scenario.name) ?? [])),
      skipped,
    };
  } finally {
    process.off('exit', abort);
    load.stop();
    await Promise.all(targets.map(({ server }) => server.stop()));
    build.remove();
    issuer.close();
  }
}

interface Round extends LoadResult, RoundFigures {
  readonly residentMegabytes: number;
  readonly otherCpuLoad: number;
}

/** Sends requests until the code is compiled, also where the machine is busy. */
async function warmUp(target: Target, load: LoadProcess, options: RunOptions): Promise<void> {
  let [requests, milliseconds] = [0, 0];
  // Signing tokens that are sent once takes longer than sending them, and does not count.
  while (requests < options.warmUpRequests && milliseconds < maxWarmUpMs) {
    const { responses, requestsPerSecond } = await measureRound(target, load, options);
    requests += responses;
    milliseconds += (responses / requestsPerSecond) * 1_000;
  }
}

async function measureRound(
  { server, expected, createRequests }: Target,
  load: LoadProcess,
  { milliseconds, singleUseRequests }: RunOptions,
): Promise<Round> {
  const requests = createRequests(singleUseRequests);
  const before = { cpu: server.cpuMicroseconds(), machine: busyTime(), own: process.cpuUsage() };
  const start = performance.now();
  const result = await load.run({
    port: server.port,
    connections,
    milliseconds,
    requests,
    expected: { status: expected.status, bodies: [expected.body] },
  });
  const elapsed = performance.now() - start;
  const cpu = server.cpuMicroseconds() - before.cpu;
  const { user, system } = process.cpuUsage(before.own);
  if (result.unexpected > 0) {
    throw new Error(`${result.unexpected} unexpected responses, such as ${result.firstUnexpected}`);
  }
  const known = (cpu + user + system) / 1_000 + result.loadCpuShare * elapsed;
  return {
    ...result,
    cpuMicroseconds: cpu / result.responses,
    residentMegabytes: server.residentMegabytes(),
    otherCpuLoad: Math.max(0, (busyTime() - before.machine - known) / elapsed),
  };
}

function summarize({ scenario, accepted, refusesReplay }: Target, rounds: readonly Round[]) {
  const middle = (measure: (round: Round) => number): number => median(rounds.map(measure));
  return {
    name: scenario.name,
    label: scenario.label,
    cpuMicroseconds: middle((round) => round.cpuMicroseconds),
    requestsPerSecond: middle((round) => round.requestsPerSecond),
    p50Milliseconds: middle((round) => round.p50Milliseconds),
    p99Milliseconds: middle((round) => round.p99Milliseconds),
    residentMegabytes: rounds.at(-1)?.residentMegabytes ?? Number.NaN,
    rounds: rounds.map(({ cpuMicroseconds, p99Milliseconds }) => ({
      cpuMicroseconds,
      p99Milliseconds,
    })),
    accepted,
    refusesReplay,
  };
}

/** Milliseconds that all CPUs of the machine were busy, since it started. */
const busyTime = (): number =>
  cpus()
    .map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq)
    .reduce((total, time) => total + time, 0);

function describeMachine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} CPUs, ${memory} GB of memory, ${platform()} ${arch()}`;
}
