import { type MatrixCase, operationCases } from './operation-cases.ts';

/** The rows of the matrix. */
export const matrixCases: readonly MatrixCase[] = [...operationCases];
