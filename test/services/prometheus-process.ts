import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-ports.ts';
import { untilPortOpens } from '../support/until-port-opens.ts';

/** A series that a query found. */
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus that scrapes every 2 seconds. */
export interface PrometheusProcess {
  /**
   * Evaluates an expression.
   *
   * @throws {Error} If Prometheus does not accept it.
   */
  query(expression: string): Promise<readonly Series[]>;
  /** What the API of Prometheus responds. */
  get(path: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts Prometheus. It scrapes a port of this machine, and evaluates a file of rules. */
export async function startPrometheus(
  target: number,
  { job, rules }: { readonly job: string; readonly rules: string },
): Promise<PrometheusProcess> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const configuration = {
    global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '2s' },
    rule_files: [rules],
    scrape_configs: [{ job_name: job, static_configs: [{ targets: [`127.0.0.1:${target}`] }] }],
  };
  // YAML is a superset of JSON.
  await writeFile(join(folder, 'prometheus.yaml'), JSON.stringify(configuration));
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const failed = Promise.race([
    once(child, 'error').then(([error]) => {
      throw new Error(
        'These tests need prometheus, and it could not be started. On Debian and Ubuntu: apt-get install prometheus.',
        { cause: error },
      );
    }),
    once(child, 'exit').then(([code]) => {
      throw new Error(`prometheus ended with code ${code}.`);
    }),
  ]);
  failed.catch(() => {});
  await Promise.race([untilPortOpens(port), failed]);

  async function get(path: string): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`);
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(body)}`);
    return at(body, 'data');
  }

  return {
    get,
    async query(expression) {
      const result = at(await get(`/query?query=${encodeURIComponent(expression)}`), 'result');
      if (!Array.isArray(result)) return [];
      return result.map((series: unknown) => {
        const labels = Object.entries(at(series, 'metric') ?? {});
        const value = at(series, 'value');
        return {
          metric: Object.fromEntries(labels.map(([name, label]) => [name, String(label)])),
          value: Number(Array.isArray(value) ? value[1] : Number.NaN),
        };
      });
    },
    async close() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A member of an object; undefined if there is none. */
export function at(value: unknown, name: string): unknown {
  return Object.entries(value ?? {}).find(([key]) => key === name)?.[1];
}

/** Runs promtool, and returns what it prints. Rejects if it finds a problem. */
export function promtool(args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('promtool', [...args], (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      if (error) reject(new Error(`promtool ${args.join(' ')}: ${error.message}\n${output}`));
      else resolve(output);
    });
    child.stdin?.end(input);
  });
}
