import type { Migrations } from '../database/migrations.ts';
import { isThenable } from '../shared/type-guards.ts';
import type { AnyApiModule, CreateContext } from './api-definition.ts';

/** Of what `src/api/index.ts` exports, what says which modules there are: none, if it exports no list. */
interface DefinitionWithModules {
  readonly resolvers: unknown;
  readonly modules?: readonly AnyApiModule[];
}

/** The modules of an API. */
export const modulesOf = ({ modules = [] }: DefinitionWithModules): readonly AnyApiModule[] =>
  modules;

/** Whether an API with these modules uses a database. */
export function hasMigrations(modules: readonly AnyApiModule[]): boolean {
  return modules.some(({ migrations }) => migrations !== undefined);
}

/**
 * The entries of all parts of an API.
 *
 * @throws {TypeError} If two parts have the same name.
 */
export function combineNames<Value>(
  kind: 'policy' | 'migration',
  parts: readonly (Readonly<Record<string, Value>> | undefined)[],
): Readonly<Record<string, Value>> {
  const entries = parts.flatMap((part) => Object.entries(part ?? {}));
  const names = entries.map(([name]) => name);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  if (repeated.size > 0) {
    throw new TypeError(
      `Two modules have a ${kind} of the same name: ${[...repeated].join(', ')}. Rename one of each.`,
    );
  }
  return Object.fromEntries(entries);
}

/**
 * The migrations of all modules; undefined if none has any.
 *
 * @throws {TypeError} If two modules have the same name.
 */
export function combineMigrations(modules: readonly AnyApiModule[]): Migrations | undefined {
  if (!hasMigrations(modules)) return undefined;
  return combineNames(
    'migration',
    modules.map(({ migrations }) => migrations),
  );
}

/** One function that adds what all of them add. It returns a promise only if one of them does. */
export function combineContexts(
  parts: readonly (CreateContext | undefined)[],
): CreateContext | undefined {
  const [first, ...others] = parts.filter((part) => part !== undefined);
  if (first === undefined || others.length === 0) return first;
  const all = [first, ...others];
  return (viewer, request, services) => {
    const added = all.map((create) => create(viewer, request, services));
    return added.some(isThenable)
      ? Promise.all(added).then((objects) => Object.assign({}, ...objects))
      : Object.assign({}, ...added);
  };
}
