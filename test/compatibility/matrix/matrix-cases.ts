import { limitCases } from './limit-cases.ts';
import type { MatrixCase } from './matrix-case.ts';
import { operationCases } from './operation-cases.ts';
import { refusalCases } from './refusal-cases.ts';

/** The rows of the matrix: those of the table of refusals by their numbers, then the others. */
export const matrixCases: readonly MatrixCase[] = [
  ...refusalCases,
  ...operationCases,
  ...limitCases,
].sort((one, other) => numberOf(one) - numberOf(other));

function numberOf({ name }: MatrixCase): number {
  const number = Number.parseInt(name, 10);
  return Number.isNaN(number) ? Number.POSITIVE_INFINITY : number;
}
