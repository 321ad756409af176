import {
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  Kind,
  type Location,
} from 'graphql';
import { likeness } from '../../shared/edit-distance.ts';

/** The coordinate of the schema-wide rule. No type can have this name. */
export const schemaCoordinate = 'schema { … }';

/** SDL that directives can stand on. */
export interface DirectiveNodeHost {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
  readonly loc?: Location | undefined;
}

/** What can carry directives: its SDL, extensions included, or, code first, `extensions.directives`. */
export interface DirectiveHost {
  readonly astNode?: DirectiveNodeHost | null | undefined;
  readonly extensionASTNodes?: readonly DirectiveNodeHost[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** One coordinate of a schema. */
export interface SchemaElement {
  readonly coordinate: string;
  readonly place:
    | 'schema'
    | 'type'
    | 'field'
    | 'argument'
    | 'enum value'
    | 'input field'
    | 'directive'
    | 'directive argument';
  readonly element: DirectiveHost;
}

/** The directives of an element's SDL, its extensions included. */
export function sdlDirectives(element: DirectiveHost): ConstDirectiveNode[] {
  return [element.astNode, ...(element.extensionASTNodes ?? [])].flatMap(
    (node) => node?.directives ?? [],
  );
}

/** Every coordinate of the schema that a directive could stand on. */
export function* schemaElements(schema: GraphQLSchema): Generator<SchemaElement> {
  yield { coordinate: schemaCoordinate, place: 'schema', element: schema };
  for (const directive of schema.getDirectives()) {
    yield { coordinate: `@${directive.name}`, place: 'directive', element: directive };
    for (const element of directive.args) {
      const coordinate = `@${directive.name}(${element.name}:)`;
      yield { coordinate, place: 'directive argument', element };
    }
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    yield { coordinate: type.name, place: 'type', element: type };
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        const coordinate = `${type.name}.${field.name}`;
        yield { coordinate, place: 'field', element: field };
        for (const element of field.args) {
          yield { coordinate: `${coordinate}(${element.name}:)`, place: 'argument', element };
        }
      }
    } else if (isInputObjectType(type)) {
      for (const element of Object.values(type.getFields())) {
        yield { coordinate: `${type.name}.${element.name}`, place: 'input field', element };
      }
    } else if (isEnumType(type)) {
      for (const element of type.getValues()) {
        yield { coordinate: `${type.name}.${element.name}`, place: 'enum value', element };
      }
    }
  }
}

/** A schema coordinate, and the directives that stand on it. */
export interface AppliedDirectives {
  readonly coordinate: string;
  readonly place: SchemaElement['place'];
  readonly directives: readonly ConstDirectiveNode[];
  /** The names, where they have one, of what `extensions.directives` holds in no form known here. */
  readonly unreadable: readonly (string | undefined)[];
  /** Names in `extensions` that seem to mean `extensions.directives`, and are not read. */
  readonly misplaced: readonly string[];
}

/** Every coordinate of the schema that directives stand on. */
export function readAppliedDirectives(schema: GraphQLSchema): AppliedDirectives[] {
  const uses: AppliedDirectives[] = [];
  for (const { coordinate, place, element } of schemaElements(schema)) {
    const unreadable: (string | undefined)[] = [];
    const directives = [
      ...sdlDirectives(element),
      ...directivesOfExtensions(element.extensions?.['directives'], unreadable),
    ];
    const misplaced = misplacedIn(element.extensions ?? {});
    if (directives.length > 0 || unreadable.length > 0 || misplaced.length > 0) {
      uses.push({ coordinate, place, directives, unreadable, misplaced });
    }
  }
  return uses;
}

/** The names of `extensions.auth`, `extensions.directive` and the like, inherited and hidden ones too. */
function misplacedIn(extensions: Readonly<Record<string, unknown>>): string[] {
  const found: string[] = [];
  let holder: object | null = extensions;
  while (holder !== null && holder !== Object.prototype) {
    for (const name of Object.getOwnPropertyNames(holder)) {
      if (isMisplaced(name) || (/directive/i.test(name) && namesOurs(name, extensions[name]))) {
        found.push(name);
      }
    }
    holder = Object.getPrototypeOf(holder);
  }
  return found;
}

/** Written for us, and not read. */
function isMisplaced(name: string): boolean {
  if (name === 'directives') return false;
  const plain = name.startsWith('@') ? name.slice(1) : name;
  if (likeness(plain, 'directives') !== undefined) return true;
  if (/auth[\W_]*directive|directives?[\W_]*auth/i.test(plain)) return true;
  return ['auth', 'public'].some((ours) => {
    const like = likeness(plain, ours);
    // A letter more or another one makes a word of its own: `extensions.oauth`, `extensions.auto`.
    return like === 'same' || like === 'swapped' || like === 'shorter';
  });
}

/** Whether what stands in `extensions.astDirectives` and the like has a directive of ours in it. */
function namesOurs(name: string, value: unknown): boolean {
  if (name === 'directives') return false;
  if (typeof value === 'string') return /^\s*@?(?:auth|public)\b/.test(value);
  if (Array.isArray(value)) return value.some((item: unknown) => namesOurs(name, item));
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, 'auth') || Object.hasOwn(value, 'public')) return true;
  if ('name' in value && namesOurs(name, value.name)) return true;
  // The name of a syntax tree.
  return 'kind' in value && 'value' in value && namesOurs(name, value.value);
}

/** `{ auth: { … } }`, `{ auth: [{ … }] }` or `[{ name: 'auth', args: { … } }]`, as code-first libraries write them. */
function directivesOfExtensions(
  directives: unknown,
  unreadable: (string | undefined)[],
): ConstDirectiveNode[] {
  if (directives === undefined || directives === null) return [];
  return usesOf(directives).flatMap(([name, args]) => {
    if (typeof name === 'string' && (args === true || isRecord(args))) {
      return [directiveNode(name, args)];
    }
    unreadable.push(typeof name === 'string' ? name : undefined);
    return [];
  });
}

type Use = readonly [name: unknown, args: unknown];

function usesOf(directives: unknown): readonly Use[] {
  if (Array.isArray(directives)) return Array.from(directives, useOf);
  if (!isRecord(directives)) return [[undefined, undefined]];
  return Object.entries(directives).flatMap(([name, uses]): Use[] => {
    if (!Array.isArray(uses)) return [[name, uses]];
    // No use at all may be one that was lost.
    return uses.length === 0 ? [[name, undefined]] : Array.from(uses, (use): Use => [name, use]);
  });
}

/** With no member but `name` and `args`: in any other one, an argument would be lost. */
function useOf(use: unknown): Use {
  if (typeof use !== 'object' || use === null || !('name' in use)) return [undefined, undefined];
  const isKnown =
    isRecord(use) && Object.keys(use).every((member) => member === 'name' || member === 'args');
  if (!isKnown) return [use.name, undefined];
  return [use.name, 'args' in use ? use.args : true];
}

function directiveNode(name: string, args: unknown): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: Object.entries(isRecord(args) ? args : {}).map(
      ([argument, value]): ConstArgumentNode => ({
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: argument },
        value: valueNode(value),
      }),
    ),
  };
}

function valueNode(value: unknown): ConstValueNode {
  if (typeof value === 'string') return { kind: Kind.STRING, value };
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value };
  if (Number.isInteger(value)) return { kind: Kind.INT, value: String(value) };
  if (Array.isArray(value)) return { kind: Kind.LIST, values: Array.from(value, valueNode) };
  // No argument of ours takes anything else, undefined included: null is an error with a clear message.
  return { kind: Kind.NULL };
}

/** A plain object of which every member is seen: unlike what a Map holds, or what is not enumerable. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === null || prototype === Object.prototype) &&
    Reflect.ownKeys(value).length === Object.keys(value).length
  );
}
