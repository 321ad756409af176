/** One measured value, and what it may be at most. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: number;
}

/** The middle one of several values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A line that says whether a figure is within its limit. */
export function formatFigure({ name, value, unit, limit }: Figure): string {
  const text = `${Number.isInteger(value) ? value : value.toFixed(1)} ${unit}`.trim();
  const most = `at most ${limit} ${unit}`.trim();
  return `${value <= limit ? 'ok ' : 'NO '} ${name.padEnd(62)} ${text.padStart(12)}   ${most}`;
}
