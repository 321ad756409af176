import { formatTable } from './report.ts';

/** What becomes more, and what that may cost: a ratio of CPU time, or megabytes. */
export interface GrowthLimit {
  readonly name: string;
  readonly label: string;
  readonly unit: 'µs' | 'MB';
  /** Times as much CPU time, or more memory. */
  readonly atMost: number;
}

/** What `--growth --assert` holds. */
export const growthLimits = {
  'known-tokens': { unit: 'µs', atMost: 1.2, label: 'known tokens: 1 → 5,000' },
  'new-tokens': { unit: 'µs', atMost: 1.1, label: 'a new token: after 0 → 200,000 others' },
  'known-documents': { unit: 'µs', atMost: 1.2, label: 'known documents: 1 → 500' },
  'new-documents': { unit: 'µs', atMost: 1.1, label: 'a new document: after 0 → 20,000 others' },
  types: { unit: 'µs', atMost: 1.1, label: 'types of the schema: 10 → 10,000' },
  memory: { unit: 'MB', atMost: 60, label: 'memory: after 10,000 → 1,000,000 requests' },
} as const satisfies Readonly<Record<string, Omit<GrowthLimit, 'name'>>>;

export type GrowthName = keyof typeof growthLimits;

/** A limit, with what was measured. */
export interface GrowthResult extends GrowthLimit {
  readonly before: number;
  readonly after: number;
  readonly growth: number;
  readonly isMet: boolean;
}

/** Compares two values of what a limit is about. */
export function compareGrowth(name: GrowthName, before: number, after: number): GrowthResult {
  const limit = growthLimits[name];
  const growth = limit.unit === 'MB' ? after - before : after / before;
  return { name, ...limit, before, after, growth, isMet: growth <= limit.atMost };
}

/** How much growth a limit allows, such as `≤ 1.1 ×` or `≤ 60 MB more`. */
export const formatGrowthLimit = ({ unit, atMost }: Omit<GrowthLimit, 'name'>): string =>
  unit === 'MB' ? `≤ ${atMost} MB more` : `≤ ${atMost} ×`;

const formatGrowth = ({ unit, growth }: GrowthResult): string =>
  unit === 'MB' ? `${growth.toFixed(0)} MB more` : `${growth.toFixed(2)} ×`;

/** The results as a table of Markdown. */
export const formatGrowthResults = (results: readonly GrowthResult[]): string =>
  `${formatTable(
    ['What grows', 'Before', 'After', 'Required', 'Measured', ''],
    results.map((result) => [
      result.label,
      `${result.before.toFixed(0)} ${result.unit}`,
      `${result.after.toFixed(0)} ${result.unit}`,
      formatGrowthLimit(result),
      formatGrowth(result),
      result.isMet ? 'met' : 'not met',
    ]),
  )}\n`;

/** One line for each limit that is exceeded; empty if none is. */
export const formatExceeded = (results: readonly GrowthResult[]): string =>
  results
    .filter(({ isMet }) => !isMet)
    .map(
      (result) =>
        `Not met: ${result.label}: ${formatGrowth(result)}, required ${formatGrowthLimit(result)}\n`,
    )
    .join('');
