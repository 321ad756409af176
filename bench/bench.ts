/**
 * `npm run bench`: this server beside others, with the same requests, in one run. What is measured
 * and how is in docs/performance.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawChart } from './chart.ts';
import { measureGrowth } from './growth.ts';
import { formatExceeded, formatGrowthResults } from './growth-report.ts';
import { ratios } from './ratios.ts';
import { compareRatios, formatReport, formatUnmet, isQuiet, replaceReport } from './report.ts';
import { runBenchmark } from './run.ts';
import { scenarios } from './scenarios.ts';

const usage = `Usage: npm run bench -- [options]

  --quick           Short rounds, to see that everything works
  --only NAME,NAME  Only these scenarios:
                    ${scenarios.map(({ name }) => name).join(', ')}
  --growth          Instead of servers, measure what tokens, documents, types and requests add
  --assert          Exit with 1 if a ratio or a limit is not met
  --json            Print JSON instead of Markdown
  --write           Update docs/performance.md, docs/performance.json and docs/images/performance.svg
  --help            Show this help
`;

const chart =
  '![Requests per second of CPU time, for one guarded field.](images/performance.svg)\n\n';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

async function main(): Promise<0 | 1 | 2> {
  const { values: options } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      growth: { type: 'boolean', default: false },
      assert: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const names = options.only?.split(',') ?? scenarios.map(({ name }) => name);
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  const problem =
    unknown.length > 0
      ? `Unknown scenario: ${unknown.join(', ')}`
      : process.platform !== 'linux'
        ? 'The benchmark requires Linux: CPU time and memory are read from /proc.'
        : options.write && options.only !== undefined
          ? '--write requires all scenarios: omit --only.'
          : options.growth && (options.only !== undefined || options.write)
            ? '--growth has no scenarios: omit --only and --write.'
            : undefined;
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n\n${usage}`);
    return 2;
  }

  if (options.growth) return reportGrowth(options);
  installPeers();
  const report = await runBenchmark(
    scenarios.filter(({ name }) => names.includes(name)),
    {
      ...(options.quick
        ? { rounds: 3, milliseconds: 700, singleUseRequests: 500, warmUpRequests: 2_000 }
        : { rounds: 15, milliseconds: 1_500, singleUseRequests: 3_000, warmUpRequests: 60_000 }),
      onProgress: (message) => process.stderr.write(`${message}\n`),
    },
  );
  const results = compareRatios(ratios, report);
  const markdown = formatReport(report, results);
  const json = `${JSON.stringify({ ...report, ratios: results }, undefined, 2)}\n`;
  process.stdout.write(options.json ? json : markdown);

  if (options.write && !isQuiet(report)) {
    process.stderr.write('Nothing was written: the machine was busy.\n');
    return 1;
  }
  if (options.write) {
    const page = pathOf('../docs/performance.md');
    writeFileSync(page, replaceReport(readFileSync(page, 'utf8'), `${chart}${markdown}`));
    writeFileSync(pathOf('../docs/performance.json'), json);
    writeFileSync(pathOf('../docs/images/performance.svg'), drawChart(report));
  }
  const unmet = formatUnmet(results);
  if (!options.assert || unmet === '') return 0;
  process.stderr.write(unmet);
  return 1;
}

interface GrowthCommand {
  readonly quick: boolean;
  readonly json: boolean;
  readonly assert: boolean;
}

async function reportGrowth({ quick, json, assert }: GrowthCommand): Promise<0 | 1> {
  const results = await measureGrowth({
    ...(quick
      ? { requests: 20_000, tokens: 4_000, documents: 2_000, rounds: 3, roundRequests: 1_000 }
      : {
          requests: 1_000_000,
          tokens: 200_000,
          documents: 20_000,
          rounds: 9,
          roundRequests: 5_000,
        }),
    onProgress: (message) => process.stderr.write(`${message}\n`),
  });
  process.stdout.write(
    json ? `${JSON.stringify({ growth: results }, undefined, 2)}\n` : formatGrowthResults(results),
  );
  const exceeded = formatExceeded(results);
  if (!assert || exceeded === '') return 0;
  process.stderr.write(exceeded);
  return 1;
}

/** Installs the other servers, unless they are installed as the lockfile says. */
function installPeers(): void {
  const lock = pathOf('peers/package-lock.json');
  const installed = pathOf('peers/node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  const { status } = spawnSync('npm', ['ci', '--prefix', pathOf('peers')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('The other servers could not be installed.');
}

// The servers are stopped when this process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main();
