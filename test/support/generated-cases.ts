const factor = Number(process.env['GENERATED_CASES'] ?? 1);

/** Whether this run has more generated cases than usual: GENERATED_CASES=6 is six times as many. */
export const isLongRun = factor > 1;

/** How many cases to generate, where `npm test` generates `usual`. `.ci/check` generates more. */
export const generatedCases = (usual: number): number => Math.ceil(usual * factor);

/** What hostile input is generated from. `HOSTILE_SEED=7` generates other input. */
export const hostileSeed = Number(process.env['HOSTILE_SEED'] ?? 20_261_126);
