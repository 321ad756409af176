/**
 * Reads and validates `@cost` and `@listSize` wherever a schema has them. Must not know how costs
 * combine, or operations.
 */
import {
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isUnionType,
  valueFromASTUntyped,
} from 'graphql';
import {
  type SchemaElement,
  schemaElements,
  sdlDirectives,
} from '../authorization/directives/applied-directives.ts';
import { readExtensions } from '../authorization/directives/extension-directives.ts';
import { hasDefault } from '../shared/input-defaults.ts';
import type { CostDirectiveProblem } from './cost-directive-error.ts';
import { costDirective, listSizeDirective } from './cost-directives.ts';

/** What `@listSize` says about a field. */
export interface ListSize {
  readonly assumedSize: number | undefined;
  readonly slicingArguments: readonly string[];
  /** Fields of the returned object that have the size; none: the field itself. */
  readonly sizedFields: readonly string[];
  readonly requiresOneArgument: boolean;
}

/** The cost directives of a schema, by coordinate. */
export interface DeclaredCosts {
  readonly weights: ReadonlyMap<string, number>;
  readonly listSizes: ReadonlyMap<string, ListSize>;
  readonly problems: readonly CostDirectiveProblem[];
}

type Report = (message: string) => void;
type Arguments = ReadonlyMap<string, unknown>;

/** Reads the cost directives of a schema. What cannot be applied as written is a problem. */
export function readDeclaredCosts(schema: GraphQLSchema): DeclaredCosts {
  const weights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();
  const problems: CostDirectiveProblem[] = [];
  const names = [costDirective, listSizeDirective]
    .filter((own) => isOwn(own.name, schema))
    .map(({ name }) => name);

  for (const one of schemaElements(schema)) {
    const { coordinate, element } = one;
    const report: Report = (message) => problems.push({ coordinate, message });
    const { directives, unrecognized } = readExtensions(element.extensions?.['directives']);
    for (const name of names) {
      if (unrecognized.includes(name)) {
        report(
          `has @${name} in extensions.directives in a form that cannot be read: write { directives: { cost: { weight: '2' } } } or { directives: { listSize: { assumedSize: 10 } } }.`,
        );
      }
      const applied = [...sdlDirectives(element), ...directives].filter(
        (directive) => directive.name.value === name,
      );
      const [first, ...others] = applied.map(readArguments);
      if (first === undefined) continue;
      // Some libraries write each directive to the syntax tree and to the extensions.
      if (others.some((other) => !isSame(first, other))) {
        report(`has @${name} more than once: keep one.`);
      }
      if (schema.getDirective(name) == null) {
        report(
          `uses @${name}, which the schema does not define: add costDirectives to its SDL, or in code costDirective and listSizeDirective to its directives.`,
        );
      }
      if (!hasKnownArguments(name, first, report)) continue;
      if (name === costDirective.name) {
        const weight = readWeight(one, first, schema, report);
        if (weight !== undefined) weights.set(coordinate, weight);
      } else {
        const size = readListSize(one, first, schema, report);
        if (size !== undefined) listSizes.set(coordinate, size);
      }
    }
  }
  return { weights, listSizes, problems };
}

/** A definition with other arguments belongs to another tool. */
function isOwn(name: string, schema: GraphQLSchema): boolean {
  const defined = schema.getDirective(name);
  if (!defined) return true;
  return name === costDirective.name
    ? defined.args.some((argument) => argument.name === 'weight')
    : defined.args.some(({ name }) => name === 'assumedSize' || name === 'slicingArguments');
}

function readArguments({ arguments: args = [] }: ConstDirectiveNode): Arguments {
  return new Map(args.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
}

const isSame = (one: Arguments, other: Arguments): boolean =>
  JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());

function hasKnownArguments(name: string, args: Arguments, report: Report): boolean {
  const { args: known } = name === costDirective.name ? costDirective : listSizeDirective;
  const unknown = [...args.keys()].filter((key) => !known.some((one) => one.name === key));
  for (const key of unknown) {
    report(
      `@${name} has no argument ${key}: ${known.map((argument) => argument.name).join(', ')}.`,
    );
  }
  return unknown.length === 0;
}

/** Larger weights would only exceed every limit. */
const maxWeight = 1_000_000_000;

function readWeight(
  { coordinate, location }: SchemaElement,
  args: Arguments,
  schema: GraphQLSchema,
  report: Report,
): number | undefined {
  const type = schema.getType(coordinate.split('.')[0] ?? '');
  if (location === 'field' && isInterfaceType(type)) {
    report(
      '@cost has no effect on a field of an interface: write it on the fields of the object types that implement it.',
    );
    return undefined;
  }
  const isOtherType =
    location === 'type' && (isInterfaceType(type) || isUnionType(type) || isInputObjectType(type));
  if (isOtherType || ['schema', 'enum value', 'directive'].includes(location)) {
    report(
      '@cost has no effect here: it is for fields, arguments, input fields, objects, scalars and enums.',
    );
    return undefined;
  }
  const given = args.get('weight');
  const isNumber = typeof given === 'string' ? /^\d{1,10}(\.\d+)?$/.test(given) : true;
  const weight =
    typeof given === 'number' || typeof given === 'string' ? Number(given) : Number.NaN;
  if (isNumber && weight >= 0 && weight <= maxWeight) return weight;
  report(
    `@cost must have a weight from 0 to ${maxWeight}, such as "2.5", not ${JSON.stringify(given)}. A negative one would let clients pay for other selections with this one.`,
  );
  return undefined;
}

function readListSize(
  { coordinate, location }: SchemaElement,
  args: Arguments,
  schema: GraphQLSchema,
  report: Report,
): ListSize | undefined {
  const field = location === 'field' ? findField(coordinate, schema) : undefined;
  if (field === undefined) {
    report('@listSize has no effect here: it is for fields.');
    return undefined;
  }
  const slicingArguments = readNames(args, 'slicingArguments', report);
  const sizedFields = readNames(args, 'sizedFields', report);
  const assumedSize = args.get('assumedSize') ?? undefined;
  const requires = args.get('requireOneSlicingArgument') ?? true;
  let isValid = slicingArguments !== undefined && sizedFields !== undefined;
  const reject: Report = (message) => {
    isValid = false;
    report(message);
  };
  if (assumedSize !== undefined && !isSize(assumedSize)) {
    reject('@listSize must have a whole number from 0 as assumedSize.');
  }
  if (typeof requires !== 'boolean') {
    reject('@listSize must have true or false as requireOneSlicingArgument.');
  }
  for (const name of slicingArguments ?? []) {
    const argument = field.args.find((one) => one.name === name);
    if (argument === undefined) {
      reject(`@listSize names the slicing argument ${name}, which the field does not have.`);
    } else if (!isSlicing(getNullableType(argument.type))) {
      reject(`@listSize names the slicing argument ${name}, which must be an Int or a list.`);
    }
  }
  const isList = isListType(getNullableType(field.type));
  if (!isList && sizedFields?.length === 0) {
    reject('@listSize is on a field that returns no list: name its lists in sizedFields.');
  }
  for (const name of sizedFields ?? []) checkSizedField(name, field, reject);
  if (assumedSize === undefined && slicingArguments?.length === 0) {
    reject('@listSize says no size: add assumedSize or slicingArguments.');
  }
  const hasSlicingDefault = field.args.some(
    (one) => slicingArguments?.includes(one.name) && hasDefault(one),
  );
  if (assumedSize !== undefined && slicingArguments?.length && (requires || hasSlicingDefault)) {
    reject(
      '@listSize has an assumedSize that never counts: remove it, or set requireOneSlicingArgument to false and leave the slicing arguments without defaults.',
    );
  }
  if (!isValid || slicingArguments === undefined || sizedFields === undefined) return undefined;
  return {
    assumedSize: isSize(assumedSize) ? assumedSize : undefined,
    slicingArguments,
    sizedFields,
    requiresOneArgument: requires === true,
  };
}

const isSlicing = (type: GraphQLInputType): boolean => isListType(type) || String(type) === 'Int';

const isSize = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0;

/** A list of names, or one name. Undefined if it is neither. */
function readNames(args: Arguments, name: string, report: Report): readonly string[] | undefined {
  const given = args.get(name) ?? undefined;
  if (given === undefined) return [];
  const names: readonly unknown[] = Array.isArray(given) ? given : [given];
  const valid = names.flatMap((one) => (typeof one === 'string' ? [one] : []));
  if (valid.length === names.length && valid.length > 0) return valid;
  report(`@listSize must have a list of names as ${name}, with at least one.`);
  return undefined;
}

function checkSizedField(
  name: string,
  { type }: GraphQLField<unknown, unknown>,
  reject: Report,
): void {
  const returned = getNamedType(type);
  const sized =
    isObjectType(returned) || isInterfaceType(returned) ? returned.getFields()[name] : undefined;
  if (sized === undefined) {
    reject(`@listSize names the sized field ${name}, which ${returned.name} does not have.`);
  } else if (!isListType(getNullableType(sized.type))) {
    reject(`@listSize names the sized field ${name}, which does not return a list.`);
  }
}

function findField(
  coordinate: string,
  schema: GraphQLSchema,
): GraphQLField<unknown, unknown> | undefined {
  const [typeName = '', name = ''] = coordinate.split('.');
  const type = schema.getType(typeName);
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}
