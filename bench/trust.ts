/**
 * Attacks a running server, takes away what it depends on, and prints what it withstood. Exits with 1
 * if a figure is not within its limit.
 *
 *   npm run trust -- [--runs 1] [--seed 20261126]
 */
import { parseArgs } from 'node:util';
import { startPostgres } from '../test/services/postgres-process.ts';
import { startRedis } from '../test/services/redis-process.ts';
import { hostileSeed } from '../test/support/generated-cases.ts';
import { type Figure, formatFigure } from './figure.ts';
import { startHostileIssuer } from './trust/hostile-issuer.ts';
import { type FaultResult, injectFaults } from './trust/inject-faults.ts';
import { measureSlowClients } from './trust/slow-clients.ts';
import { type Trial, tryInputs } from './trust/try-inputs.ts';
import { startWatchedServer, type WatchedServer } from './trust/watched-server.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1' },
    seed: { type: 'string', default: `${hostileSeed}` },
  },
});
const [runs, seed] = [Number(values.runs), Number(values.seed)];
if (!(runs > 0) || !Number.isInteger(seed)) {
  throw new Error('--runs must be a number above 0, and --seed an integer.');
}

const [issuer, redis, postgres] = await Promise.all([
  startHostileIssuer(),
  startRedis(),
  startPostgres(),
]);
let server: WatchedServer | undefined;
try {
  server = await startWatchedServer({
    OIDC_ISSUER: issuer.issuer.issuer,
    OIDC_AUDIENCE: issuer.issuer.audience,
    REDIS_URL: redis.url,
    DATABASE_URL: await postgres.createDatabase(),
  });
  const figures = await attack(server);
  for (const figure of figures) console.log(formatFigure(figure));
  if (figures.some(({ value, limit }) => value > limit)) process.exitCode = 1;
} finally {
  await server?.stop();
  issuer.close();
  await Promise.all([redis.close(), postgres.close()]);
}

async function attack(attacked: WatchedServer): Promise<readonly Figure[]> {
  console.log(`Hostile inputs, from the seed ${seed}:`);
  const options = { server: attacked, issuer: issuer.issuer, runs, seed };
  // What the first requests fill stays: caches, compiled code.
  await tryInputs({ ...options, runs: runs / 4, seed: seed + 1 }, () => {});
  const before = await attacked.readVitals();
  const trials = await tryInputs(options, printTrial);
  const after = await attacked.readVitals();
  const slow = await measureSlowClients(attacked);
  console.log('Faults:');
  const faults = await injectFaults({ server: attacked, issuer, redis, postgres }, printFault);
  const last = await attacked.readVitals();
  const complaints = attacked.complaints.filter((line) => !/database|Redis|issuer/i.test(line));
  for (const line of complaints) console.log(`The server says: ${line}`);
  const exitCode = await attacked.stop();
  const count = (all: readonly { readonly problems: readonly string[] }[]): number =>
    all.flatMap(({ problems }) => problems).length;
  const tried = trials.reduce((total, trial) => total + trial.tried, 0);
  return [
    {
      name: `of ${tried} hostile inputs, responses that are wrong or missing`,
      value: count(trials),
      unit: '',
      limit: 0,
    },
    { name: 'of them, with a 5xx status', value: countServerErrors(trials), unit: '', limit: 0 },
    {
      name: `of ${faults.length} faults, not survived`,
      value: faults.filter(({ problems }) => problems.length > 0).length,
      unit: '',
      limit: 0,
    },
    {
      name: 'errors in the log that no fault explains',
      value: complaints.length,
      unit: '',
      limit: 0,
    },
    {
      name: 'longest stop of the event loop, under attack',
      value: after.longestStopMs,
      unit: 'ms',
      limit: 500,
    },
    {
      name: 'longest stop of the event loop, during faults',
      value: last.longestStopMs,
      unit: 'ms',
      limit: 500,
    },
    {
      name: 'growth of the heap, under attack',
      value: Math.max(0, after.heapMegabytes - before.heapMegabytes),
      unit: 'MB',
      limit: 30,
    },
    {
      name: 'growth of the resident memory, under attack',
      value: Math.max(0, after.rssMegabytes - before.rssMegabytes),
      unit: 'MB',
      limit: 100,
    },
    {
      name: `slowest response beside ${slow.clients} slow clients`,
      value: slow.slowestResponseMs,
      unit: 'ms',
      limit: 500,
    },
    {
      name: 'until the last slow client was closed',
      value: slow.closedAfterSeconds,
      unit: 's',
      limit: 30,
    },
    { name: 'exit code after SIGTERM', value: exitCode ?? 1, unit: '', limit: 0 },
  ];
}

function countServerErrors(trials: readonly Trial[]): number {
  return trials
    .flatMap(({ problems }) => problems)
    .filter((problem) => /\b5\d\d\b/.test(problem.slice(0, 80))).length;
}

function printTrial({ name, tried, problems }: Trial): void {
  console.log(
    `  ${name.padEnd(22)} ${String(tried).padStart(7)} tried, ${problems.length} not withstood`,
  );
  for (const problem of problems.slice(0, 5)) console.log(`    ${problem.slice(0, 500)}`);
}

function printFault({ name, problems }: FaultResult): void {
  console.log(`  ${name.padEnd(26)} ${problems.length === 0 ? 'survived' : problems.join('; ')}`);
}
