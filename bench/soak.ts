/**
 * Sends a running server more tokens and documents than it can remember, for minutes, and prints what
 * its memory does. Exits with 1 unless it is flat.
 *
 *   npm run soak -- [--minutes 10] [--tokens 100000] [--documents 20000]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figure, formatFigure } from './figure.ts';
import { startHostileIssuer } from './trust/hostile-issuer.ts';
import { createMixedRequests } from './trust/mixed-requests.ts';
import { startWatchedServer } from './trust/watched-server.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    tokens: { type: 'string', default: '100000' },
    documents: { type: 'string', default: '20000' },
  },
});
const [minutes, tokens, documents] = [values.minutes, values.tokens, values.documents].map(Number);
if (!(minutes && minutes > 0) || !(tokens && tokens > 0) || !(documents && documents > 0)) {
  throw new Error('--minutes, --tokens and --documents must be numbers above 0.');
}

/** Memory at one time, in minutes since the start. */
interface Sample {
  readonly minute: number;
  readonly heap: number;
  readonly rss: number;
}

const workers = 24;
const samples: Sample[] = [];
const folder = await mkdtemp(join(tmpdir(), 'soak-'));
const issuer = await startHostileIssuer();
const server = await startWatchedServer({
  OIDC_ISSUER: issuer.issuer.issuer,
  OIDC_AUDIENCE: issuer.issuer.audience,
  DATABASE_URL: `file:${join(folder, 'api.sqlite')}`,
});
try {
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 60_000;
  const requests = createMixedRequests({ server, issuer: issuer.issuer, documents });
  let sent = 0;
  // A machine that is too slow for so many gets three times as long.
  const isDone = (): boolean =>
    elapsed() >= minutes && (sent >= Math.max(tokens, documents) || elapsed() >= 3 * minutes);
  const work = async (): Promise<void> => {
    while (!isDone()) {
      const index = sent;
      sent += 1;
      await requests.send(index);
    }
  };
  const sample = async (): Promise<void> => {
    const { heapMegabytes: heap, rssMegabytes: rss } = await server.readVitals();
    samples.push({ minute: elapsed(), heap, rss });
    console.log(
      `${elapsed().toFixed(1).padStart(5)} min  ${String(sent).padStart(8)} requests  heap ${heap.toFixed(1)} MB  resident ${rss.toFixed(1)} MB`,
    );
  };
  const watch = async (): Promise<void> => {
    while (!isDone()) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, minutes * 3_000)));
      await sample();
    }
  };
  await Promise.all([watch(), ...Array.from({ length: workers }, work)]);
  requests.close();
  const { heapMegabytes } = await server.readVitals();
  const figures = measure(sent, heapMegabytes, requests.unexpected);
  for (const problem of requests.unexpected.slice(0, 5)) console.log(problem);
  for (const line of server.complaints) console.log(`The server says: ${line}`);
  for (const figure of figures) console.log(formatFigure(figure));
  if (figures.some(({ value, limit }) => !(value <= limit))) process.exitCode = 1;
} finally {
  await server.stop();
  issuer.close();
  await rm(folder, { recursive: true, force: true });
}

function measure(sent: number, lastHeap: number, unexpected: readonly string[]): readonly Figure[] {
  // Until then, caches fill and code is compiled.
  const settled = samples.filter(({ minute }) => minute > (samples.at(-1)?.minute ?? 0) * 0.4);
  const heapSlope = slope(settled.map(({ minute, heap }) => [minute, heap]));
  const rssSlope = slope(settled.map(({ minute, rss }) => [minute, rss]));
  const firstHeap = settled[0]?.heap ?? Number.NaN;
  console.log(
    `${sent} requests, as many tokens and ${Math.min(sent, documents ?? 0)} documents; from the first 40 % on:`,
  );
  return [
    {
      name: 'slope of the heap, after garbage collections',
      value: heapSlope,
      unit: 'MB/min',
      limit: 0.5,
    },
    { name: 'slope of the resident memory', value: rssSlope, unit: 'MB/min', limit: 2 },
    {
      name: 'heap at the end, compared with then',
      value: lastHeap - firstHeap,
      unit: 'MB',
      limit: 5,
    },
    {
      name: 'tokens and documents that there was no time for',
      value: Math.max(0, (tokens ?? 0) - sent) + Math.max(0, (documents ?? 0) - sent),
      unit: '',
      limit: 0,
    },
    { name: 'unexpected responses', value: unexpected.length, unit: '', limit: 0 },
    { name: 'errors in the log', value: server.complaints.length, unit: '', limit: 0 },
  ];
}

/** By the method of least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (numbers: readonly number[]): number =>
    numbers.reduce((total, number) => total + number, 0) / numbers.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const above = mean(points.map(([x, y]) => (x - meanX) * (y - meanY)));
  return above / mean(points.map(([x]) => (x - meanX) ** 2));
}
