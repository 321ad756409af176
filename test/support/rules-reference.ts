import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  GraphQLIncludeDirective,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  getOperationAST,
  getVariableValues,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/*
 * What the directive language means, once more: slow and obvious, written from the design and not
 * from the code that it judges. It knows neither plans nor caches, and executes operations itself.
 */

export interface ReferenceViewer {
  readonly scopes: ReadonlySet<string>;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface ReferenceEnvironment {
  readonly schema: GraphQLSchema;
  /** Seconds since the epoch. */
  readonly now: number;
  /** The value that the field at a path resolves to. */
  value(type: GraphQLOutputType, path: readonly (string | number)[]): unknown;
  /** The name of an object's type. */
  typeOf(object: unknown): string;
  /** Whether a policy agrees, all its ways of not agreeing taken as no. */
  agrees(policy: string, source: unknown, args: Readonly<Record<string, unknown>>): boolean;
  readonly rootValue: unknown;
  /** Whether the null of an error replaces the nearest nullable parent of a non-null field. */
  readonly propagates: boolean;
}

export interface ReferenceRequest {
  readonly document: DocumentNode;
  readonly operationName?: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Undefined: nobody. */
  readonly viewer: ReferenceViewer | undefined;
}

type Path = readonly (string | number)[];
type Code = 'UNAUTHENTICATED' | 'FORBIDDEN';

interface ReferenceError {
  readonly path: Path;
  /** Any of these would be right. */
  readonly codes: ReadonlySet<Code>;
}

export interface ReferenceResult {
  /** Whether the operation is refused before anything runs. */
  readonly refused: boolean;
  /** The paths that are refused before anything runs, without policies. */
  readonly upFront: ReadonlySet<string>;
  /** What execution gives, had it not been refused. */
  readonly data: unknown;
  /** Every error there is to report, those that a bubbling null may swallow too. */
  readonly errors: readonly ReferenceError[];
  /** The resolvers that may run. */
  readonly resolved: ReadonlySet<string>;
}

interface Use {
  readonly scope: readonly string[] | undefined;
  readonly claims: readonly string[];
  readonly policy: readonly string[];
  readonly acr: readonly string[] | undefined;
  readonly maxAge: number | undefined;
}

interface Annotated {
  readonly astNode?:
    | { readonly directives?: readonly DirectiveNode[] | undefined }
    | null
    | undefined;
  readonly extensionASTNodes?: readonly {
    readonly directives?: readonly DirectiveNode[] | undefined;
  }[];
}

export function evaluateReference(
  environment: ReferenceEnvironment,
  request: ReferenceRequest,
): ReferenceResult {
  const { schema } = environment;
  const { document, viewer } = request;
  const operation = required(getOperationAST(document, request.operationName));
  const rootType = required(schema.getRootType(operation.operation));
  const coerced = required(
    getVariableValues(schema, operation.variableDefinitions ?? [], request.variables).coerced,
  );
  const errors: ReferenceError[] = [];
  const resolved = new Set<string>();

  // Reading the rules.

  function usesOn(element: Annotated | undefined): Use[] {
    if (element === undefined) return [];
    return [element.astNode, ...(element.extensionASTNodes ?? [])]
      .flatMap((node) => node?.directives ?? [])
      .filter((directive) => directive.name.value === 'auth')
      .map((directive) => {
        const list = (name: string): string[] | undefined => {
          const value = directive.arguments?.find((one) => one.name.value === name)?.value;
          if (value?.kind === Kind.STRING) return [value.value];
          if (value?.kind !== Kind.LIST) return undefined;
          return value.values.map((item) => (item.kind === Kind.STRING ? item.value : ''));
        };
        const age = directive.arguments?.find((one) => one.name.value === 'maxAge')?.value;
        return {
          scope: list('scope'),
          claims: list('claims') ?? [],
          policy: list('policy') ?? [],
          acr: list('acr'),
          maxAge: age?.kind === Kind.INT ? Number(age.value) : undefined,
        };
      });
  }

  function isPublic(element: Annotated): boolean {
    return (element.astNode?.directives ?? []).some(({ name }) => name.value === 'public');
  }

  /** What a type asks: itself, and its interfaces of themselves. */
  function usesOfType(name: string): Use[] {
    const type = schema.getType(name);
    if (!type) return [];
    const interfaces = isObjectType(type) || isInterfaceType(type) ? type.getInterfaces() : [];
    return [type, ...interfaces].flatMap(usesOn);
  }

  function usesOfSchema(parent: GraphQLObjectType, name: string): Use[] {
    const field = parent.getFields()[name];
    return field === undefined || isPublic(field) ? [] : usesOn(schema);
  }

  function usesOfFieldItself(parent: GraphQLObjectType, name: string): Use[] {
    return [parent, ...parent.getInterfaces()].flatMap((type) => usesOn(type.getFields()[name]));
  }

  function usesOfField(parent: GraphQLObjectType, name: string): Use[] {
    if (name === '__typename') return usesOfType(parent.name);
    const field = parent.getFields()[name];
    if (field === undefined) return [];
    return [
      ...usesOfSchema(parent, name),
      ...usesOfType(parent.name),
      ...usesOfFieldItself(parent, name),
      ...usesOfType(getNamedType(field.type).name),
    ];
  }

  // What the client supplied.

  function usesOfSupplied(parent: GraphQLObjectType, node: FieldNode): Use[] {
    const name = node.name.value;
    const field = parent.getFields()[name];
    return (node.arguments ?? []).flatMap((argument) => {
      const defined = field?.args.find((one) => one.name === argument.name.value);
      if (defined === undefined || !isSupplied(argument.value)) return [];
      const own = [parent, ...parent.getInterfaces()].flatMap((type) =>
        usesOn(type.getFields()[name]?.args.find((one) => one.name === defined.name)),
      );
      return [
        ...own,
        ...usesOn(getNamedType(defined.type)),
        ...inside(defined.type, argument.value),
      ];
    });
  }

  function isSupplied(value: ValueNode): boolean {
    return value.kind !== Kind.VARIABLE || variableNode(value.name.value) !== undefined;
  }

  /** What a variable stands for, as a literal: what was sent, or else the operation's default. */
  function variableNode(name: string): ValueNode | undefined {
    if (name in request.variables) return literal(request.variables[name]);
    const definitions = required(operation).variableDefinitions ?? [];
    return definitions.find((one) => one.variable.name.value === name)?.defaultValue;
  }

  function inside(type: GraphQLInputType, given: ValueNode): Use[] {
    const value = given.kind === Kind.VARIABLE ? variableNode(given.name.value) : given;
    const bare = getNullableType(type);
    if (value === undefined || value.kind === Kind.NULL) return [];
    if (isListType(bare)) {
      const items = value.kind === Kind.LIST ? value.values : [value];
      return items.flatMap((item) => inside(bare.ofType, item));
    }
    if (isEnumType(bare)) {
      const name = value.kind === Kind.ENUM || value.kind === Kind.STRING ? value.value : '';
      return usesOn(bare.getValue(name) ?? undefined);
    }
    if (isInputObjectType(bare) && value.kind === Kind.OBJECT) {
      return value.fields.flatMap((member) => {
        const field = bare.getFields()[member.name.value];
        if (field === undefined || !isSupplied(member.value)) return [];
        return [
          ...usesOn(field),
          ...usesOn(getNamedType(field.type)),
          ...inside(field.type, member.value),
        ];
      });
    }
    return [];
  }

  // Judging.

  /** The code of the refusal, policies aside. */
  function refusalBy(uses: readonly Use[]): Code | undefined {
    if (uses.length === 0) return undefined;
    if (viewer === undefined) return 'UNAUTHENTICATED';
    const has = (scopes: string): boolean =>
      scopes.split(' ').every((one) => viewer.scopes.has(one));
    if (!uses.every(({ scope }) => scope === undefined || scope.some(has))) return 'FORBIDDEN';
    const carries = (claim: string): boolean => (claimAt(viewer.claims, claim) ?? null) !== null;
    if (!uses.every(({ claims }) => claims.every(carries))) return 'FORBIDDEN';
    const { acr, auth_time: time } = viewer.claims;
    for (const use of uses) {
      if (use.acr !== undefined && !use.acr.some((one) => one === acr)) return 'UNAUTHENTICATED';
      if (use.maxAge === undefined) continue;
      if (typeof time !== 'number' || environment.now - time > use.maxAge) return 'UNAUTHENTICATED';
      if (time > environment.now + 5) return 'UNAUTHENTICATED';
    }
    return undefined;
  }

  function possible(type: GraphQLCompositeType): readonly GraphQLObjectType[] {
    return isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  }

  /** The codes with which a field is refused, policies aside; empty where it is not. */
  function refusalOfField(parent: GraphQLObjectType, node: FieldNode): Set<Code> {
    const uses = [...usesOfField(parent, node.name.value), ...usesOfSupplied(parent, node)];
    const field = parent.getFields()[node.name.value];
    const returned = field && getNamedType(field.type);
    const ways = isAbstractType(returned)
      ? possible(returned).map((type) => [...uses, ...usesOfType(type.name)])
      : [uses];
    const codes = ways.map(refusalBy);
    const refusals = codes.flatMap((code) => (code === undefined ? [] : [code]));
    return new Set(refusals.length === codes.length ? refusals : []);
  }

  function runs(directives: readonly DirectiveNode[] | undefined): boolean {
    const node = { directives: directives ?? [] };
    if (getDirectiveValues(GraphQLSkipDirective, node, coerced)?.['if'] === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, node, coerced)?.['if'] !== false;
  }

  // Before execution: each selection by itself, along every path through the document.

  const upFront = new Set<string>();

  function lookAhead(types: readonly GraphQLObjectType[], set: SelectionSetNode, path: Path): void {
    for (const selection of set.selections) {
      if (!runs(selection.directives)) continue;
      if (selection.kind !== Kind.FIELD) {
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : fragmentNamed(selection.name.value);
        const condition = fragment.typeCondition?.name.value;
        const left = types.filter((type) => condition === undefined || applies(condition, type));
        if (left.length > 0) lookAhead(left, fragment.selectionSet, path);
        continue;
      }
      const here = [...path, selection.alias?.value ?? selection.name.value];
      if (types.every((type) => refusalOfField(type, selection).size > 0)) {
        upFront.add(here.join('.'));
      } else if (selection.selectionSet !== undefined) {
        const below = types.flatMap((type) => {
          const returned = getNamedType(required(type.getFields()[selection.name.value]).type);
          return isCompositeType(returned) ? possible(returned) : [];
        });
        lookAhead([...new Set(below)], selection.selectionSet, here);
      }
    }
  }

  function fragmentNamed(name: string) {
    const found = document.definitions.find(
      (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name,
    );
    if (found?.kind !== Kind.FRAGMENT_DEFINITION) throw new Error(`No fragment ${name}.`);
    return found;
  }

  function applies(condition: string, type: GraphQLObjectType): boolean {
    const target = schema.getType(condition);
    return isAbstractType(target) ? schema.isSubType(target, type) : target === type;
  }

  // Execution.

  function collect(
    type: GraphQLObjectType,
    sets: readonly SelectionSetNode[],
    into = new Map<string, FieldNode[]>(),
  ): Map<string, FieldNode[]> {
    for (const selection of sets.flatMap((set) => set.selections)) {
      if (!runs(selection.directives)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        into.set(key, [...(into.get(key) ?? []), selection]);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragmentNamed(selection.name.value);
      const condition = fragment.typeCondition?.name.value;
      if (condition === undefined || applies(condition, type)) {
        collect(type, [fragment.selectionSet], into);
      }
    }
    return into;
  }

  /** A null that must not be: it takes the nearest nullable place along. */
  const bubble = Symbol('bubble');

  function refuse(path: Path, codes: ReadonlySet<Code>): null {
    errors.push({ path, codes });
    return null;
  }

  function executeSelections(
    type: GraphQLObjectType,
    source: unknown,
    sets: readonly SelectionSetNode[],
    path: Path,
  ): unknown {
    const data: Record<string, unknown> = {};
    let isLost = false;
    for (const [key, nodes] of collect(type, sets)) {
      const value = executeField(type, source, nodes, [...path, key]);
      if (value === bubble) isLost = true;
      else data[key] = value;
    }
    return isLost ? bubble : data;
  }

  /** The policies that are asked about a field with its parent object as the source. */
  function fieldPolicies(parent: GraphQLObjectType, node: FieldNode): string[] {
    const name = node.name.value;
    const returned = getNamedType(required(parent.getFields()[name]).type);
    const isRoot = [schema.getQueryType(), schema.getMutationType()].includes(parent);
    return [
      ...usesOfSchema(parent, name),
      ...(isRoot ? usesOfType(parent.name) : []),
      ...usesOfFieldItself(parent, name),
      ...(isLeafType(returned) ? usesOfType(returned.name) : []),
      ...usesOfSupplied(parent, node),
    ].flatMap((use) => use.policy);
  }

  function fieldAgrees(parent: GraphQLObjectType, node: FieldNode, source: unknown): boolean {
    const field = required(parent.getFields()[node.name.value]);
    const args = getArgumentValues(field, node, coerced);
    return fieldPolicies(parent, node).every((policy) => environment.agrees(policy, source, args));
  }

  function executeField(
    parent: GraphQLObjectType,
    source: unknown,
    nodes: readonly FieldNode[],
    path: Path,
  ): unknown {
    const node = required(nodes[0]);
    const name = node.name.value;
    if (name === '__typename') return parent.name;
    const { type } = required(parent.getFields()[name]);
    const codes = refusalOfField(parent, node);
    if (codes.size > 0) return orBubble(type, refuse(path, codes));
    if (!fieldAgrees(parent, node, source)) {
      return orBubble(type, refuse(path, new Set<Code>(['FORBIDDEN'])));
    }
    resolved.add(path.join('.'));
    return complete(type, environment.value(type, path), nodes, path, source, parent);
  }

  function orBubble(type: GraphQLOutputType, value: unknown): unknown {
    return value === null && isNonNullType(type) && environment.propagates ? bubble : value;
  }

  function complete(
    type: GraphQLOutputType,
    value: unknown,
    nodes: readonly FieldNode[],
    path: Path,
    source: unknown,
    parent: GraphQLObjectType,
  ): unknown {
    const done = completeNullable(type, value, nodes, path, source, parent);
    return orBubble(type, done === bubble ? null : done);
  }

  function completeNullable(
    wrapped: GraphQLOutputType,
    value: unknown,
    nodes: readonly FieldNode[],
    path: Path,
    source: unknown,
    parent: GraphQLObjectType,
  ): unknown {
    const type = getNullableType(wrapped);
    if (value === null) return null;
    if (isListType(type)) {
      if (!Array.isArray(value)) throw new Error('Not a list.');
      const items = value.map((item, index) =>
        complete(type.ofType, item, nodes, [...path, index], source, parent),
      );
      return items.includes(bubble) ? bubble : items;
    }
    if (isEnumType(type)) {
      const uses = usesOn(required(type.getValue(String(value))));
      const code = refusalBy(uses);
      if (code !== undefined) return refuse(path, new Set([code]));
      const node = required(nodes[0]);
      const field = required(parent.getFields()[node.name.value]);
      const args = getArgumentValues(field, node, coerced);
      const agrees = uses
        .flatMap((use) => use.policy)
        .every((one) => environment.agrees(one, source, args));
      return agrees ? value : refuse(path, new Set<Code>(['FORBIDDEN']));
    }
    if (!isCompositeType(type)) return value;
    const met = schema.getType(environment.typeOf(value));
    if (!isObjectType(met)) throw new Error('Not an object type.');
    const uses = [...usesOfType(type.name), ...usesOfType(met.name)];
    const code = refusalBy(uses);
    if (code !== undefined) return refuse(path, new Set([code]));
    if (
      !uses.flatMap((use) => use.policy).every((policy) => environment.agrees(policy, value, {}))
    ) {
      return refuse(path, new Set<Code>(['FORBIDDEN']));
    }
    const sets = nodes.flatMap((node) => node.selectionSet ?? []);
    return executeSelections(met, value, sets, path);
  }

  lookAhead([rootType], operation.selectionSet, []);
  return {
    refused: isRefused(operation, rootType),
    upFront,
    data: dataOf(executeSelections(rootType, environment.rootValue, [operation.selectionSet], [])),
    errors,
    resolved,
  };

  function dataOf(value: unknown): unknown {
    return value === bubble ? null : value;
  }

  function isRefused(asked: OperationDefinitionNode, type: GraphQLObjectType): boolean {
    const roots = [...collect(type, [asked.selectionSet])].map(([key, nodes]) => ({
      isNonNull: isNonNullType(type.getFields()[required(nodes[0]).name.value]?.type),
      isRefused: upFront.has(key),
      node: required(nodes[0]),
    }));
    if (asked.operation === 'query') {
      if (environment.propagates && roots.some((root) => root.isRefused && root.isNonNull))
        return true;
      return roots.length > 0 && roots.every((root) => root.isRefused);
    }
    if (upFront.size > 0) return true;
    return roots.some(
      ({ node }) =>
        node.name.value !== '__typename' && !fieldAgrees(type, node, environment.rootValue),
    );
  }
}

/** A JSON value as the literal that means the same. Names of enum values become strings. */
function literal(value: unknown): ValueNode {
  if (value === null || value === undefined) return { kind: Kind.NULL };
  if (typeof value === 'string') return { kind: Kind.STRING, value };
  if (typeof value === 'number') return { kind: Kind.INT, value: String(value) };
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value };
  if (Array.isArray(value)) return { kind: Kind.LIST, values: value.map(literal) };
  return {
    kind: Kind.OBJECT,
    fields: Object.entries(value).map(([name, member]) => ({
      kind: Kind.OBJECT_FIELD,
      name: { kind: Kind.NAME, value: name },
      value: literal(member),
    })),
  };
}

function required<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined)
    throw new Error('UnmetRequirement in the test’s own environment.');
  return value;
}

/** A claim by its name or path. The longest name that is there counts. */
function claimAt(claims: unknown, path: string): unknown {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return undefined;
  const members = new Map<string, unknown>(Object.entries(claims));
  let name = path;
  while (!members.has(name)) {
    if (!name.includes('.')) return undefined;
    name = name.slice(0, name.lastIndexOf('.'));
  }
  const value = members.get(name);
  return name === path ? value : claimAt(value, path.slice(name.length + 1));
}
