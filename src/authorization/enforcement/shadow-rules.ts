import {
  defaultFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import { isThenable } from '../../shared/type-guards.ts';
import { findUnknownOptions } from '../../shared/unknown-options.ts';
import { type DeclaredRulesOptions, readDeclaredRules } from '../directives/declared-rules.ts';
import { policiesOf } from '../directives/requirement.ts';
import type { Guard, IsTypeOf, ObserveRefusal, Resolver } from '../operation/guard.ts';
import { type Refusal, refusalCode, refusalExtensions } from '../rules/refusal.ts';
import { isProtected } from '../rules/schema-rules.ts';
import { executionOf } from './execution.ts';
import { guardEnumValues } from './guard-enum.ts';
import { guardResolver } from './guard-field.ts';
import { createTypeResolver, ObjectGuard } from './guard-type.ts';
import { maxReportedRefusals, toKeys } from './refusal-collector.ts';

/** Rules to try before they are enforced. */
export interface ShadowOptions {
  /**
   * The coordinates whose `@auth` is in shadow, such as `Query.report`, `Report` or `schema`. All other
   * rules are enforced. Default: every rule of the schema is in shadow, and nothing is enforced.
   */
  readonly coordinates?: readonly string[];
  /**
   * Called with what would be refused: once for each coordinate of an operation, at most 100 times. What
   * it throws, or a promise of it rejects with, is ignored. The refusal has nothing of the token.
   */
  readonly report: (refusal: Refusal, viewer: Viewer) => void;
}

/**
 * Whether the `@auth` of a coordinate is in shadow.
 *
 * @throws {TypeError} If an option is invalid, a coordinate has no `@auth` of its own, or a field would
 *   have a filter policy in shadow.
 */
export function findShadowed(
  schema: GraphQLSchema,
  shadow: ShadowOptions,
  options: DeclaredRulesOptions,
): (coordinate: string) => boolean {
  // A misspelled `coordinates` would turn off every rule.
  const [unknown] = findUnknownOptions(shadow, ['coordinates', 'report'], 'shadow.');
  if (unknown !== undefined) throw new TypeError(`guardSchema: ${unknown}`);
  const { coordinates, report } = shadow;
  if (typeof report !== 'function') throw new TypeError('shadow.report must be a function.');
  if (coordinates !== undefined && !Array.isArray(coordinates)) {
    throw new TypeError('shadow.coordinates must be a list of coordinates.');
  }
  const declared = readDeclaredRules(schema, options);
  for (const coordinate of coordinates ?? []) {
    if (declared.coordinates.has(coordinate)) continue;
    throw new TypeError(
      `shadow.coordinates names ${coordinate}, which has no @auth of its own: name the coordinate that the directive is written on.`,
    );
  }
  const shadowed = new Set(coordinates ?? declared.coordinates);
  for (const coordinate of shadowed) {
    const isField = coordinate.includes('.');
    const name = policiesOf(declared.get(coordinate)).find(
      (term) => typeof term === 'string' && options.filterPolicies?.has(term),
    );
    if (!isField || name === undefined) continue;
    throw new TypeError(
      `shadow covers ${coordinate}, whose resolver gets a filter from the policy "${name}": in shadow, it would get none. List the other coordinates in shadow.coordinates.`,
    );
  }
  return (coordinate) => shadowed.has(coordinate);
}

/** The refusals of one execution in shadow. */
interface Observed {
  readonly coordinates: Set<string>;
  /** Of the fields that would be refused: what is below would not run. */
  readonly paths: Set<string>;
}

const maxObservedPaths = 1_000;

/** Reports each coordinate once for an execution, or for an operation that did not pass a gate. */
export function createObserver({ report }: ShadowOptions): ObserveRefusal {
  const executions = new WeakMap<object, Observed>();
  return ({ unmet, coordinate }, viewer, info) => {
    // It is not known what the policy would have decided.
    if (unmet.kind === 'unavailable') return;
    const key = executionOf(info) ?? info.operation;
    const observed = executions.get(key) ?? { coordinates: new Set(), paths: new Set() };
    executions.set(key, observed);
    const { coordinates, paths } = observed;
    if (coordinates.size >= maxReportedRefusals || paths.size >= maxObservedPaths) return;
    const keys = toKeys(info.path).map(String);
    if (keys.some((_, index) => paths.has(keys.slice(0, index + 1).join('.')))) return;
    paths.add(keys.join('.'));
    if (coordinates.has(coordinate)) return;
    coordinates.add(coordinate);
    attempt(() =>
      report(
        { path: keys, coordinate, ...refusalExtensions(unmet), code: refusalCode(unmet) },
        viewer,
      ),
    );
  };
}

/**
 * Has the guards of rules in shadow run beside the functions of a schema, which stay what they are: a
 * guard gets a function that does nothing in place of a resolver, and its refusal is dropped.
 *
 * Not kept if a function is replaced later.
 */
export function observeRules(schema: GraphQLSchema, guard: Guard): void {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  const originals = new Map<string, Pick<GraphQLObjectType, 'name' | 'isTypeOf'>>();
  const event = schema.getSubscriptionType();
  for (const type of types.filter(isObjectType)) {
    for (const field of Object.values(type.getFields())) {
      const rule = guard.rules.field(type.name, field.name);
      const values = guardEnumValues(
        guard,
        field.type,
        false,
        field.resolve ?? defaultFieldResolver,
      );
      if (values !== undefined) field.resolve = values;
      if (!isProtected(rule)) continue;
      const check = guardResolver(guard, rule, () => undefined, 'event');
      if (type === event) field.subscribe = observeResolver(check, field.subscribe);
      else field.resolve = observeResolver(check, field.resolve);
    }
    const { name, isTypeOf } = type;
    originals.set(name, { name, isTypeOf });
    if (guard.rules.type(name).length > 0) {
      type.isTypeOf = observeTypeOf(new ObjectGuard(guard, name).check, isTypeOf);
    }
  }
  for (const type of types.filter(isAbstractType)) {
    // The default would ask the observing functions of types that had none.
    type.resolveType ??= createTypeResolver(
      schema.getPossibleTypes(type).map((member) => originals.get(member.name) ?? member),
    );
  }
}

function observeResolver(check: Resolver, resolve: Resolver = defaultFieldResolver): Resolver {
  return (source, args, context, info) => {
    attempt(() => check(source, args, context, info));
    return resolve(source, args, context, info);
  };
}

function observeTypeOf(
  check: ObjectGuard['check'],
  isTypeOf: IsTypeOf | null | undefined,
): IsTypeOf {
  return (value, context, info) => {
    if (!isTypeOf) {
      attempt(() => check(value, context, info));
      return true;
    }
    const is: unknown = isTypeOf(value, context, info);
    const observe = (found: unknown): boolean => {
      if (found) attempt(() => check(value, context, info));
      return Boolean(found);
    };
    return isThenable(is) ? Promise.resolve(is).then(observe) : observe(is);
  };
}

/** Calls a function and ignores its result, error and rejection. */
function attempt(call: () => unknown): void {
  try {
    const result = call();
    if (isThenable(result)) Promise.resolve(result).catch(() => {});
  } catch {
    // Refusals, and what a reporter throws.
  }
}
