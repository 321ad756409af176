import {
  astFromValue,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  OperationTypeNode,
  parse,
  print,
  validate,
} from 'graphql';
import { type AccessRule, accessRules } from '../authorization/review/access-rules.ts';

/** An operation that selects one root field. */
export interface DerivedOperation {
  readonly kind: OperationTypeNode;
  readonly field: string;
  /** What the field itself requires, without its selections. */
  readonly rule: AccessRule;
  /**
   * The operation as text: named and on several lines, or on one line and without a name if it is a
   * query. Selects at most `maxFields` leaf fields, none of which requires more than the root field.
   * Required arguments have placeholder values.
   *
   * @returns Undefined if no such text is valid.
   */
  text(layout: 'lines' | 'line', maxFields: number): string | undefined;
}

/**
 * Derives an operation for each root field of a guarded schema. The first of each kind and rule come
 * first, queries before mutations and subscriptions.
 */
export function derivedOperations(schema: GraphQLSchema): readonly DerivedOperation[] {
  const rules = new Map(accessRules(schema).map((rule) => [rule.coordinate, rule]));
  const operations = [
    OperationTypeNode.QUERY,
    OperationTypeNode.MUTATION,
    OperationTypeNode.SUBSCRIPTION,
  ]
    .map((kind) => ({ kind, type: schema.getRootType(kind) }))
    .flatMap(({ kind, type }) =>
      Object.values(type?.getFields() ?? {}).flatMap((field) => {
        const rule = rules.get(`${type?.name}.${field.name}`);
        return rule === undefined
          ? []
          : [
              {
                kind,
                field: field.name,
                rule,
                text: (layout: 'lines' | 'line', maxFields: number) =>
                  operationText(field, { schema, rules, rule, kind, layout, maxFields }),
              },
            ];
      }),
    );
  return firstOfEachRule(operations);
}

/** Moves the first of each kind and rule to the front, since not all may be shown. */
function firstOfEachRule(operations: readonly DerivedOperation[]): readonly DerivedOperation[] {
  const seen = new Set<string>();
  const first: DerivedOperation[] = [];
  const later: DerivedOperation[] = [];
  for (const operation of operations) {
    const { coordinate: _, from: __, ...terms } = operation.rule;
    const rule = `${operation.kind} ${JSON.stringify(terms)}`;
    (seen.has(rule) ? later : first).push(operation);
    seen.add(rule);
  }
  return [...first, ...later];
}

interface TextOptions {
  readonly schema: GraphQLSchema;
  readonly rules: ReadonlyMap<string, AccessRule>;
  readonly rule: AccessRule;
  readonly kind: OperationTypeNode;
  readonly layout: 'lines' | 'line';
  readonly maxFields: number;
}

function operationText(
  field: GraphQLField<unknown, unknown>,
  { schema, rules, rule, kind, layout, maxFields }: TextOptions,
): string | undefined {
  const head =
    layout === 'line' && kind === OperationTypeNode.QUERY
      ? ''
      : `${kind} ${field.name.charAt(0).toUpperCase()}${field.name.slice(1)} `;
  try {
    const rootSelection = `${field.name}${requiredArguments(field)}${selectionOf(field.type)}`;
    const document = parse(`${head}{ ${rootSelection} }`);
    if (validate(schema, document).length > 0) return undefined;
    const text = print(document);
    // `print` escapes the line breaks of strings.
    return layout === 'line' ? text.replaceAll(/\n\s*/g, ' ') : `${text}\n`;
  } catch {
    // A custom scalar can reject the placeholder.
    return undefined;
  }

  function selectionOf(output: GraphQLOutputType): string {
    const type = getNamedType(output);
    if (isLeafType(type)) return '';
    const fields =
      isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    const names = fields
      .filter(
        ({ type: inner, args }) =>
          isLeafType(getNamedType(inner)) && !args.some(isRequiredArgument),
      )
      .filter(({ name }) => requiresNoMore(rules.get(`${type.name}.${name}`), rule))
      .slice(0, maxFields)
      .map(({ name }) => name);
    return ` { ${names.length > 0 ? names.join(' ') : '__typename'} }`;
  }
}

/** Whether a rule comes only from coordinates that another rule comes from as well. */
function requiresNoMore(rule: AccessRule | undefined, other: AccessRule): boolean {
  if (rule === undefined) return false;
  const known = new Set(other.from);
  return rule.from.every((coordinate) => known.has(coordinate));
}

function requiredArguments({ args }: GraphQLField<unknown, unknown>): string {
  const given = args
    .filter(isRequiredArgument)
    .map(({ name, type }) => `${name}: ${literal(type)}`);
  return given.length === 0 ? '' : `(${given.join(', ')})`;
}

function literal(type: GraphQLInputType): string {
  const node = astFromValue(placeholder(type), type);
  if (node == null) throw new TypeError(`No placeholder for ${type}.`);
  return print(node);
}

/** A placeholder for a value of an input type. Input objects have their required fields only. */
function placeholder(input: GraphQLInputType): unknown {
  const type = getNullableType(input);
  if (isListType(type)) return [];
  if (isEnumType(type)) return type.getValues()[0]?.value;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const chosen = type.isOneOf ? fields.slice(0, 1) : fields.filter(isRequiredInputField);
    return Object.fromEntries(chosen.map((field) => [field.name, placeholder(field.type)]));
  }
  return placeholders.get(type.name) ?? 'text';
}

/** By the names of scalars. */
const placeholders: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['Int', 1],
  ['Float', 1],
  ['Boolean', true],
  ['ID', '1'],
]);
