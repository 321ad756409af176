import { Kind, type ValueNode } from 'graphql';
import { isObject } from '../shared/type-guards.ts';
import type { Cost, CostProgram } from './cost-program.ts';
import type { InputCosts } from './schema-costs.ts';

/** Plans what the client supplies to arguments. Create one for each operation. */
export class InputPlanner {
  readonly #program: CostProgram;
  /** A large variable can be used many times. */
  readonly #variables = new Map<InputCosts, Map<string, Cost>>();

  constructor(program: CostProgram) {
    this.#program = program;
  }

  /** The cost of a literal with variables in it. Null costs nothing. */
  plan(costs: InputCosts, value: ValueNode): Cost {
    const { weight, fields } = costs;
    switch (value.kind) {
      case Kind.NULL:
        return 0;
      case Kind.VARIABLE:
        return weight === 0 && fields === undefined
          ? 0
          : this.#planVariable(costs, value.name.value);
      case Kind.LIST:
        return this.#program.sum(value.values.map((item) => this.plan(costs, item)));
      case Kind.OBJECT: {
        if (fields === undefined) return weight;
        const known = fields();
        const parts = value.fields.map((field): Cost => {
          const own = known.get(field.name.value);
          return own ? this.plan(own, field.value) : 0;
        });
        return this.#program.sum([weight, ...parts]);
      }
      default:
        return weight;
    }
  }

  #planVariable(costs: InputCosts, name: string): Cost {
    const known = this.#variables.get(costs) ?? new Map<string, Cost>();
    this.#variables.set(costs, known);
    const planned =
      known.get(name) ?? this.#program.read((variables) => costOf(costs, variables.value(name)));
    known.set(name, planned);
    return planned;
  }
}

/** The cost of a value that the client sent. Not recursive: clients choose how deep it is. */
function costOf(costs: InputCosts, value: unknown): number {
  let total = 0;
  const left: (readonly [InputCosts, unknown])[] = [[costs, value]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [own, one] = next;
    if (one === null || one === undefined) continue;
    if (Array.isArray(one)) {
      for (const item of one) left.push([own, item]);
      continue;
    }
    total += own.weight;
    if (own.fields === undefined || !isObject(one)) continue;
    const known = own.fields();
    for (const [name, member] of Object.entries(one)) {
      const costsOfMember = known.get(name);
      if (costsOfMember !== undefined) left.push([costsOfMember, member]);
    }
  }
  return total;
}
