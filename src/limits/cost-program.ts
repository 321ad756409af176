/** The variables of one execution, as the client sent them. */
export interface CostVariables {
  /** What was sent, or the default of the operation. Undefined if there is neither. */
  value(name: string): unknown;
}

/** A cost: a number if it depends on no variable, or else a step of a program. */
export type Cost = number | CostStep;

/** A part of a cost that depends on variables. */
interface CostStep {
  readonly step: number;
}

type Compute = (values: readonly number[], variables: CostVariables) => number;

/**
 * The largest cost. Everything above counts as this, so that nothing overflows to what no longer compares.
 */
export const maxCost = Number.MAX_SAFE_INTEGER;

const bound = (cost: number): number => Math.min(cost, maxCost);

/**
 * Calculates the cost of one operation for any variables. Each part of the document is one step, whatever
 * the number of places that it counts in: evaluating it takes time linear in the document.
 */
export class CostProgram {
  readonly #steps: Compute[] = [];

  /** A cost that is read from variables. */
  read(compute: (variables: CostVariables) => number): Cost {
    return this.#add((_values, variables) => compute(variables));
  }

  sum(costs: readonly Cost[]): Cost {
    let fixed = 0;
    const steps: number[] = [];
    for (const cost of costs) {
      if (typeof cost === 'number') fixed = bound(fixed + cost);
      else steps.push(cost.step);
    }
    if (steps.length === 0) return fixed;
    const [only] = costs.filter((cost) => cost !== 0);
    if (steps.length === 1 && fixed === 0 && only !== undefined) return only;
    return this.#add((values) => {
      let total = fixed;
      for (const step of steps) total += values[step] ?? 0;
      return total;
    });
  }

  product(one: Cost, other: Cost): Cost {
    if (one === 0 || other === 0) return 0;
    if (one === 1) return other;
    if (other === 1) return one;
    if (typeof one === 'number' && typeof other === 'number') return bound(one * other);
    return this.#add((values) => resolve(one, values) * resolve(other, values));
  }

  max(costs: readonly Cost[]): Cost {
    const [first = 0, ...others] = costs;
    if (others.length === 0) return first;
    if (costs.every((cost) => typeof cost === 'number')) return Math.max(...costs);
    return this.#add((values) => {
      let largest = 0;
      for (const cost of costs) largest = Math.max(largest, resolve(cost, values));
      return largest;
    });
  }

  /** Calculates a cost of this program. */
  evaluate(cost: Cost, variables: CostVariables): number {
    if (typeof cost === 'number') return cost;
    const values: number[] = [];
    for (const compute of this.#steps) values.push(bound(compute(values, variables)));
    return values[cost.step] ?? 0;
  }

  #add(compute: Compute): Cost {
    return { step: this.#steps.push(compute) - 1 };
  }
}

function resolve(cost: Cost, values: readonly number[]): number {
  return typeof cost === 'number' ? cost : (values[cost.step] ?? 0);
}
