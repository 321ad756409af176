import {
  type FieldNode,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import type { InputRule } from './input-rules.ts';
import type { Rule } from './requirement.ts';
import type { FieldRule, SchemaRules } from './schema-rules.ts';

/** The rule of something that the client supplied, and the coordinate that it stands on. */
export interface SuppliedRule {
  readonly coordinate: string;
  readonly rule: Rule;
}

/** What the client sent beside the document. */
export interface ClientVariables {
  readonly operation: OperationDefinitionNode;
  /** As the client sent them, before schema defaults are filled in. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** A value still to be looked at: of the document, or of the variables. */
type Supplied = { readonly type: GraphQLInputType; readonly coordinate: string } & (
  | { readonly node: ValueNode }
  | { readonly value: unknown }
);

/**
 * The rules of every argument, input field, input type and enum value that the client supplies
 * to a field, at any depth: in a literal, in a variable that it sent, or by a default of the
 * operation. An explicit null counts; what a default of the schema fills in does not.
 */
export function suppliedRules(
  rules: SchemaRules,
  field: FieldRule,
  node: FieldNode,
  variables: ClientVariables,
): SuppliedRule[] {
  if (field.inputs.size === 0) return [];
  const found: SuppliedRule[] = [];
  // A stack instead of recursion: clients choose how deep their variables nest.
  const pending: Supplied[] = [];

  const supply = (input: InputRule | undefined, supplied: ValueNode | { value: unknown }): void => {
    if (input === undefined) return;
    const { coordinate, type } = input;
    const resolved = 'kind' in supplied ? resolveNode(supplied, variables) : supplied;
    if (resolved === undefined) return;
    if (input.rule.length > 0) found.push({ coordinate, rule: input.rule });
    if (rules.isGuardedInput(type)) pending.push({ coordinate, type, ...resolved });
  };

  for (const argument of node.arguments ?? []) {
    supply(field.inputs.get(argument.name.value), argument.value);
  }
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { coordinate } = next;
    const type = getNullableType(next.type);
    if (isListType(type)) {
      for (const item of itemsOf(next)) {
        const resolved = 'kind' in item ? resolveNode(item, variables) : item;
        if (resolved) pending.push({ coordinate, type: type.ofType, ...resolved });
      }
    } else if (isInputObjectType(type)) {
      const fields = rules.inputFields(type);
      for (const [name, supplied] of membersOf(next)) supply(fields.get(name), supplied);
    } else if (isEnumType(type)) {
      const name = enumNameOf(next);
      const rule = name === undefined ? undefined : rules.enumValues(type)?.get(name);
      if (rule) found.push({ coordinate: `${getNamedType(type).name}.${name}`, rule });
    }
  }
  return found;
}

/** What stands where the document has a literal or a variable; undefined where nothing was supplied. */
function resolveNode(
  node: ValueNode,
  { operation, values }: ClientVariables,
): { readonly node: ValueNode } | { readonly value: unknown } | undefined {
  if (node.kind !== Kind.VARIABLE) return { node };
  const name = node.name.value;
  // As the executor takes it: a variable that is there and undefined counts as null.
  if (Object.hasOwn(values, name)) return { value: values[name] };
  const definition = operation.variableDefinitions?.find(
    ({ variable }) => variable.name.value === name,
  );
  return definition?.defaultValue && { node: definition.defaultValue };
}

/** The items of a list; a single value stands for a list of one (GraphQL spec §3.11). */
function itemsOf(supplied: Supplied): readonly (ValueNode | { value: unknown })[] {
  if ('node' in supplied) {
    return supplied.node.kind === Kind.LIST ? supplied.node.values : [supplied.node];
  }
  const { value } = supplied;
  const items: Iterable<unknown> = isIterable(value) ? value : [value];
  return Array.from(items, (item) => ({ value: item }));
}

/** As variables are coerced: in one process, they may be other iterables than arrays. */
function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function membersOf(supplied: Supplied): (readonly [string, ValueNode | { value: unknown }])[] {
  if ('node' in supplied) {
    return supplied.node.kind === Kind.OBJECT
      ? supplied.node.fields.map((field) => [field.name.value, field.value])
      : [];
  }
  if (typeof supplied.value !== 'object' || supplied.value === null) return [];
  return Object.entries(supplied.value)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, { value }]);
}

function enumNameOf(supplied: Supplied): string | undefined {
  if ('node' in supplied) {
    return supplied.node.kind === Kind.ENUM ? supplied.node.value : undefined;
  }
  return typeof supplied.value === 'string' ? supplied.value : undefined;
}
