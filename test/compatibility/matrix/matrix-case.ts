import type { ComparedResponse } from './responses.ts';
import type { Target } from './start-target.ts';

/** A row of the matrix. */
export interface MatrixCase {
  readonly name: string;
  /** Sends requests and checks the responses, which must also equal those of the first server. */
  readonly run: (target: Target) => Promise<Readonly<Record<string, ComparedResponse>>>;
}
