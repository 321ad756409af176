import { median } from './figure.ts';
import type { Ratio } from './ratios.ts';
import type { MeasuredScenario, RoundFigures, RunReport } from './run.ts';

/** A row of the table of ratios, with what was measured. */
export interface RatioResult {
  readonly ratio: Ratio;
  /** Undefined if one of the two was not measured, or does not enforce its rules. */
  readonly value: number | undefined;
  readonly isMet: boolean;
}

/** From this load by other processes on, figures are not worth quoting. */
const quietCpuLoad = 0.1;

/** Compares the measured scenarios. A ratio whose scenarios were not selected is left out. */
export function compareRatios(
  ratios: readonly Ratio[],
  { measured, skipped }: Pick<RunReport, 'measured' | 'skipped'>,
): RatioResult[] {
  const selected = new Set([...measured, ...skipped].map(({ name }) => name));
  const find = (wanted: string) => measured.find(({ name }) => name === wanted);
  return ratios
    .filter(({ subject, reference }) => selected.has(subject) && selected.has(reference))
    .map((ratio) => {
      const [subject, reference] = [find(ratio.subject), find(ratio.reference)];
      if (subject === undefined || reference === undefined || !enforcesRules(subject)) {
        return { ratio, value: undefined, isMet: false };
      }
      if (ratio.quantity === 'p99') {
        const value = compareRounds(subject, reference, ({ p99Milliseconds }) => p99Milliseconds);
        return { ratio, value, isMet: value <= ratio.atMost };
      }
      const value = compareRounds(reference, subject, ({ cpuMicroseconds }) => cpuMicroseconds);
      return { ratio, value, isMet: value >= ratio.atLeast };
    });
}

/**
 * The median of the ratios of each round. A machine that is slower for some seconds is so for both
 * scenarios of a round, which a ratio of medians would not see.
 */
function compareRounds(
  one: MeasuredScenario,
  other: MeasuredScenario,
  figureOf: (figures: RoundFigures) => number,
): number {
  const ratios = one.rounds.flatMap((figures, index) => {
    const compared = other.rounds[index];
    return compared === undefined ? [] : [figureOf(figures) / figureOf(compared)];
  });
  return median(ratios);
}

const enforcesRules = ({ accepted }: MeasuredScenario): boolean => (accepted ?? []).length === 0;

/** Where a ratio must be, such as `≥ 1.3`. */
export const formatLimit = (ratio: Ratio): string =>
  ratio.quantity === 'cpu' ? `≥ ${ratio.atLeast}` : `≤ ${ratio.atMost}`;

/** Whether the machine did nothing else, so that the figures can be quoted. */
export const isQuiet = ({ otherCpuLoad }: RunReport): boolean => otherCpuLoad < quietCpuLoad;

/** The report as Markdown: the conditions, the figures and the ratios. */
export function formatReport(report: RunReport, results: readonly RatioResult[]): string {
  return `${[formatConditions(report), formatFigures(report), formatRatios(results)].join('\n\n')}\n`;
}

function formatConditions(report: RunReport): string {
  const { date, machine, node, rounds, secondsPerRound } = report;
  const pinning = report.isPinned
    ? 'server and load generator on one CPU each'
    : 'server and load generator not pinned to CPUs';
  const sentences = [
    `${date}, ${machine}, Node ${node}; ${report.connections} connections, ${pinning}; medians of ${rounds} rounds of ${secondsPerRound} s.`,
  ];
  if (!isQuiet(report)) {
    sentences.push(
      `**The machine was busy**: other processes used ${report.otherCpuLoad.toFixed(1)} CPUs. Do not quote these figures.`,
    );
  }
  if (report.loadCpuShare > 0.9) {
    sentences.push(
      'The load generator used its whole CPU at times, so requests per second of the fastest servers are too low. CPU times are not affected.',
    );
  }
  return sentences.join('\n\n');
}

function formatFigures({ measured, skipped }: RunReport): string {
  const rows = [...measured]
    .sort((one, other) => one.cpuMicroseconds - other.cpuMicroseconds)
    .map((row) => [
      row.label,
      round(row.cpuMicroseconds),
      round(row.requestsPerSecond),
      row.p50Milliseconds.toFixed(2),
      row.p99Milliseconds.toFixed(2),
      round(row.residentMegabytes),
      formatRefusals(row),
    ]);
  const missing = skipped.map(({ label }) => [label, 'not measured', '', '', '', '', '']);
  return formatTable(
    [
      'Server and request',
      'CPU per request, µs',
      'Requests/s',
      'p50, ms',
      'p99, ms',
      'Memory, MB',
      'Refuses',
    ],
    [...rows, ...missing],
  );
}

function formatRefusals({ accepted, refusesReplay }: MeasuredScenario): string {
  if (accepted === undefined) return 'no authorization';
  const all = [...accepted, ...(refusesReplay === false ? ['a replayed proof'] : [])];
  return all.length === 0 ? 'all' : `**not: ${all.join(', ')}**`;
}

function formatRatios(results: readonly RatioResult[]): string {
  return formatTable(
    ['Ratio', 'Required', 'Measured', ''],
    results.map(({ ratio, value, isMet }) => [
      ratio.label,
      formatLimit(ratio),
      value === undefined ? 'not measured' : value.toFixed(2),
      value === undefined ? '' : isMet ? 'met' : 'not met',
    ]),
  );
}

/** One line for each ratio that is not met; empty if all are. */
export const formatUnmet = (results: readonly RatioResult[]): string =>
  results
    .filter(({ isMet }) => !isMet)
    .map(({ ratio, value }) => {
      const measured = value === undefined ? 'not measured' : value.toFixed(2);
      return `Not met: ${ratio.label}: ${measured}, required ${formatLimit(ratio)}\n`;
    })
    .join('');

const round = (value: number): string => Math.round(value).toLocaleString('en-US');

/** A table of Markdown. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.join(' | ')} |`.replace(/\| {2}(?=\|)/g, '| ');
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Replaces what stands between the markers of a document. */
export function replaceReport(document: string, report: string): string {
  const [start, end] = ['<!-- bench:start -->', '<!-- bench:end -->'];
  const parts = document.split(start);
  const rest = parts[1]?.split(end);
  if (parts.length !== 2 || rest?.length !== 2) throw new Error('The document has no markers.');
  return `${parts[0]}${start}\n\n${report.trim()}\n\n${end}${rest[1]}`;
}
