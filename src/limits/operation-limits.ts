import { findUnknownOptions } from '../shared/unknown-options.ts';

/**
 * Limits of an operation, checked before it runs. What is left out has its default; `Infinity` turns a
 * limit off.
 */
export interface OperationLimits {
  /** Maximum cost, by `@cost` and `@listSize` or by their defaults. Default 5,000. */
  readonly cost?: number;
  /** Maximum levels of fields. Those below `__schema` and `__type` do not count. Default 15. */
  readonly depth?: number;
  /** Maximum number of fields with an alias. Default 30. */
  readonly aliases?: number;
  /** Maximum number of distinct response keys at the root. Default 20. */
  readonly rootFields?: number;
  /** Maximum number of directives, of variables and of the operation included. Default 50. */
  readonly directives?: number;
  /** Maximum number of lists below `__schema` and `__type`, such as `types` and `fields`. Default 30. */
  readonly introspectionLists?: number;
  /**
   * Maximum levels of lists below `__schema` and `__type`, `args` not counted. A field around them counts as
   * two. Default 2.
   */
  readonly introspectionDepth?: number;
  /** How many items a list counts as that has no `@listSize`. Default 10. */
  readonly listSize?: number;
  /**
   * `enforce` refuses what exceeds a limit. `measure` only reports it, to try limits first. Default
   * `enforce`.
   */
  readonly mode?: 'enforce' | 'measure';
}

/**
 * The size of an operation, in the terms of `OperationLimits`. All but the cost are the same whatever the
 * variables: selections count also if `@skip` leaves them out.
 */
export interface OperationMeasures {
  /** At most `Number.MAX_SAFE_INTEGER`. */
  readonly cost: number;
  /** Levels of fields. Those below `__schema` and `__type` do not count. */
  readonly depth: number;
  /** Fields with an alias, wherever fragments are spread. */
  readonly aliases: number;
  /** Distinct response keys at the root. */
  readonly rootFields: number;
  /** Directives, wherever fragments are spread. */
  readonly directives: number;
  /** Lists below `__schema` and `__type`, wherever fragments are spread. */
  readonly introspectionLists: number;
  /** Levels of lists below `__schema` and `__type`, `args` not counted. A field around them counts as two. */
  readonly introspectionDepth: number;
}

/**
 * What can be exceeded. `slicingArguments`: a field needs one of them, to say how long its list is. `nesting`:
 * no more than 200 selection sets can be within each other, those of fragments included, whatever the options.
 */
export type OperationLimitName =
  | 'cost'
  | 'depth'
  | 'aliases'
  | 'rootFields'
  | 'directives'
  | 'introspectionLists'
  | 'introspectionDepth'
  | 'slicingArguments'
  | 'nesting';

/** The defaults of `OperationLimits`. */
export const defaultOperationLimits: Required<OperationLimits> = {
  cost: 5_000,
  depth: 15,
  aliases: 30,
  rootFields: 20,
  directives: 50,
  introspectionLists: 30,
  introspectionDepth: 2,
  listSize: 10,
  mode: 'enforce',
};

/** Finds problems of limits, each a sentence. */
export function findLimitProblems(limits: unknown): readonly string[] {
  if (typeof limits !== 'object' || limits === null) {
    return ['limits must be an object, such as { cost: 1000, depth: 10 }.'];
  }
  const problems = [...findUnknownOptions(limits, Object.keys(defaultOperationLimits), 'limits.')];
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined || !(name in defaultOperationLimits)) continue;
    if (name === 'mode') {
      if (value !== 'enforce' && value !== 'measure') {
        problems.push("limits.mode must be 'enforce' or 'measure'.");
      }
    } else if (name === 'listSize') {
      if (!Number.isSafeInteger(value) || value < 1) {
        problems.push('limits.listSize must be a whole number above 0.');
      }
    } else if (typeof value !== 'number' || !(value > 0)) {
      problems.push(`limits.${name} must be a number above 0; Infinity turns it off.`);
    }
  }
  return problems;
}
