import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isNonNullType,
  Kind,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  typeFromAST,
} from 'graphql';
import type { Guard, Resolver } from '../authorization/operation/guard.ts';
import { readConditions } from '../authorization/operation/operation-plan.ts';
import {
  type Complete,
  type CompleteLeaf,
  compileCompletion,
  compileLeaf,
  type ExecuteObject,
} from './complete-value.ts';
import { executeFields } from './execute-fields.ts';
import { GuardedFunction } from './guarded-function.ts';
import type { FieldSite, Run } from './run.ts';

/** One field of a selection set, with everything about it that no run changes. */
export interface CompiledField extends FieldSite {
  /** Its name in the response. */
  readonly key: string;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
  readonly hasArguments: boolean;
  readonly isNonNull: boolean;
  readonly complete: Complete;
  readonly completeLeaf: CompleteLeaf | undefined;
  /** The value of `__typename`. */
  readonly constant: string | undefined;
  readonly resolver: GuardedFunction<Resolver>;
}

/** What the selections of an operation are compiled with. */
export interface CompilerContext {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** The values of the variables that `@skip` and `@include` name. */
  readonly conditions: ReadonlyMap<string, boolean>;
  readonly guard: Pick<Guard, 'resolvers' | 'typeChecks'>;
  /** Whether so many more fields may be kept with the program. */
  reserve(fields: number): boolean;
}

/** Compiles selection sets on the same object into its fields (GraphQL specification, "Field Collection"). */
export function compileSelections(
  compiler: CompilerContext,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): readonly CompiledField[] {
  const groups = new Map<string, [FieldNode, ...FieldNode[]]>();
  const visited = new Set<string>();
  for (const set of sets) collect(set);
  return [...groups].flatMap(([key, nodes]) => compileField(compiler, type, key, nodes) ?? []);

  function collect(set: SelectionSetNode): void {
    for (const selection of set.selections) {
      if (!isIncluded(selection, compiler.conditions)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = responseKey(selection);
        const group = groups.get(key);
        if (group) group.push(selection);
        else groups.set(key, [selection]);
        continue;
      }
      let fragment: Fragment | undefined =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : undefined;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const name = selection.name.value;
        fragment = visited.has(name) ? undefined : compiler.fragments[name];
        if (fragment && appliesTo(compiler.schema, fragment, type)) visited.add(name);
      }
      if (fragment && appliesTo(compiler.schema, fragment, type)) collect(fragment.selectionSet);
    }
  }
}

type Fragment = Pick<FragmentDefinitionNode, 'selectionSet'> &
  Partial<Pick<FragmentDefinitionNode, 'typeCondition'>>;

export const responseKey = (field: FieldNode): string => field.alias?.value ?? field.name.value;

function isIncluded(
  { directives }: SelectionNode,
  conditions: ReadonlyMap<string, boolean>,
): boolean {
  const own = readConditions(directives);
  return (
    own !== 'never' && own.every(({ variable, runsWhen }) => conditions.get(variable) === runsWhen)
  );
}

function appliesTo(
  schema: GraphQLSchema,
  { typeCondition }: Fragment,
  type: GraphQLObjectType,
): boolean {
  if (typeCondition === undefined) return true;
  const condition = typeFromAST(schema, typeCondition);
  return condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
}

function definitionOf(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (type === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return type.getFields()[name];
}

/** Undefined for a field that the schema does not have, which executors leave out. */
function compileField(
  compiler: CompilerContext,
  parentType: GraphQLObjectType,
  key: string,
  nodes: [FieldNode, ...FieldNode[]],
): CompiledField | undefined {
  const [node] = nodes;
  const definition = definitionOf(compiler.schema, parentType, node.name.value);
  if (definition === undefined) return undefined;
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return {
    key,
    definition,
    node,
    fieldName: definition.name,
    fieldNodes: nodes,
    returnType: definition.type,
    parentType,
    hasArguments: definition.args.length > 0,
    isNonNull: isNonNullType(definition.type),
    complete: compileCompletion(definition.type, {
      of: (type) => compileObject(compiler, type, sets),
      guard: compiler.guard,
      reserve: compiler.reserve,
    }),
    completeLeaf: compileLeaf(definition.type),
    constant: definition === TypeNameMetaFieldDef ? parentType.name : undefined,
    resolver: new GuardedFunction(compiler.guard.resolvers),
  };
}

/** Compiles the selections on an object when the first one is completed: data may never get there. */
function compileObject(
  compiler: CompilerContext,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): ExecuteObject {
  let kept: readonly CompiledField[] | undefined;
  function fieldsIn(run: Run): readonly CompiledField[] {
    const known = kept ?? run.overflow?.get(fieldsIn);
    if (known !== undefined) return known;
    const fields = compileSelections(compiler, type, sets);
    if (compiler.reserve(1 + fields.length)) {
      kept = fields;
    } else {
      run.overflow ??= new Map();
      run.overflow.set(fieldsIn, fields);
    }
    return fields;
  }
  return (value, path, run) => executeFields(kept ?? fieldsIn(run), value, path, run);
}
