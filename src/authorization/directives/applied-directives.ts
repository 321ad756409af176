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
import { findMisspelling } from '../../shared/edit-distance.ts';

/** The coordinate of the schema-wide rule. No type can have this name. */
export const schemaCoordinate = 'schema { … }';

/** A syntax node that can have directives. */
export interface DirectiveHostNode {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
  readonly loc?: Location | undefined;
}

/** A schema element that can have directives: in its SDL and extensions of it, or code-first in `extensions.directives`. */
export interface DirectiveHost {
  readonly astNode?: DirectiveHostNode | null | undefined;
  readonly extensionASTNodes?: readonly DirectiveHostNode[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A kind of schema element. */
type ElementLocation =
  | 'schema'
  | 'type'
  | 'field'
  | 'argument'
  | 'enum value'
  | 'input field'
  | 'directive'
  | 'directive argument';

/** An element of a schema. */
export interface SchemaElement {
  readonly coordinate: string;
  readonly location: ElementLocation;
  readonly element: DirectiveHost;
}

/** The directives in the SDL of an element, including `extend`. */
export function sdlDirectives(element: DirectiveHost): ConstDirectiveNode[] {
  return [element.astNode, ...(element.extensionASTNodes ?? [])].flatMap(
    (node) => node?.directives ?? [],
  );
}

/** Every element of a schema that can have directives. */
export function* schemaElements(schema: GraphQLSchema): Generator<SchemaElement> {
  yield { coordinate: schemaCoordinate, location: 'schema', element: schema };
  for (const directive of schema.getDirectives()) {
    yield { coordinate: `@${directive.name}`, location: 'directive', element: directive };
    for (const element of directive.args) {
      const coordinate = `@${directive.name}(${element.name}:)`;
      yield { coordinate, location: 'directive argument', element };
    }
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    yield { coordinate: type.name, location: 'type', element: type };
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        const coordinate = `${type.name}.${field.name}`;
        yield { coordinate, location: 'field', element: field };
        for (const element of field.args) {
          yield { coordinate: `${coordinate}(${element.name}:)`, location: 'argument', element };
        }
      }
    } else if (isInputObjectType(type)) {
      for (const element of Object.values(type.getFields())) {
        yield { coordinate: `${type.name}.${element.name}`, location: 'input field', element };
      }
    } else if (isEnumType(type)) {
      for (const element of type.getValues()) {
        yield { coordinate: `${type.name}.${element.name}`, location: 'enum value', element };
      }
    }
  }
}

/** The directives applied to a schema coordinate. */
export interface AppliedDirectives {
  readonly coordinate: string;
  readonly location: ElementLocation;
  readonly directives: readonly ConstDirectiveNode[];
  /** Entries of `extensions.directives` in an unknown form: their names, if they have any. */
  readonly unrecognized: readonly (string | undefined)[];
  /** Keys of `extensions` that look like `extensions.directives`, but are not read. */
  readonly misplaced: readonly string[];
}

/** Reads the directives of every coordinate that has any. */
export function readAppliedDirectives(schema: GraphQLSchema): AppliedDirectives[] {
  const applied: AppliedDirectives[] = [];
  for (const { coordinate, location, element } of schemaElements(schema)) {
    const unrecognized: (string | undefined)[] = [];
    const directives = [
      ...sdlDirectives(element),
      ...readExtensions(element.extensions?.['directives'], unrecognized),
    ];
    const misplaced = findMisplaced(element.extensions ?? {});
    if (directives.length > 0 || unrecognized.length > 0 || misplaced.length > 0) {
      applied.push({ coordinate, location, directives, unrecognized, misplaced });
    }
  }
  return applied;
}

/** Keys such as `extensions.auth` and `extensions.directive`, including inherited and non-enumerable ones. */
function findMisplaced(extensions: Readonly<Record<string, unknown>>): string[] {
  const found: string[] = [];
  let object: object | null = extensions;
  while (object !== null && object !== Object.prototype) {
    for (const key of Object.getOwnPropertyNames(object)) {
      if (key === 'directives') continue;
      const isMisplaced =
        looksLikeDirectives(key) || (/directive/i.test(key) && namesAuth(extensions[key]));
      if (isMisplaced) found.push(key);
    }
    object = Object.getPrototypeOf(object);
  }
  return found;
}

/** Whether a key was probably meant to be `directives`. */
function looksLikeDirectives(key: string): boolean {
  const plain = key.startsWith('@') ? key.slice(1) : key;
  if (findMisspelling(plain, 'directives') !== undefined) return true;
  if (/auth[\W_]*directive|directives?[\W_]*auth/i.test(plain)) return true;
  return ['auth', 'public'].some((name) => {
    const misspelling = findMisspelling(plain, name);
    // With another letter it is a different word: `extensions.oauth`, `extensions.auto`.
    return misspelling === 'none' || misspelling === 'swapped' || misspelling === 'removed';
  });
}

/** Whether a value, such as that of `extensions.astDirectives`, has `@auth` or `@public` in it. */
function namesAuth(value: unknown): boolean {
  if (typeof value === 'string') return /^\s*@?(?:auth|public)\b/.test(value);
  if (Array.isArray(value)) return value.some(namesAuth);
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, 'auth') || Object.hasOwn(value, 'public')) return true;
  if ('name' in value && namesAuth(value.name)) return true;
  // The name node of a syntax tree.
  return 'kind' in value && 'value' in value && namesAuth(value.value);
}

/** `{ auth: { … } }`, `{ auth: [{ … }] }` or `[{ name: 'auth', args: { … } }]`, the forms of code-first libraries. */
function readExtensions(
  directives: unknown,
  unrecognized: (string | undefined)[],
): ConstDirectiveNode[] {
  if (directives === undefined || directives === null) return [];
  return listEntries(directives).flatMap(([name, args]) => {
    if (typeof name === 'string' && (args === true || isRecord(args))) {
      return [directiveNode(name, args)];
    }
    unrecognized.push(typeof name === 'string' ? name : undefined);
    return [];
  });
}

type Entry = readonly [name: unknown, args: unknown];

function listEntries(directives: unknown): readonly Entry[] {
  if (Array.isArray(directives)) return Array.from(directives, toEntry);
  if (!isRecord(directives)) return [[undefined, undefined]];
  return Object.entries(directives).flatMap(([name, value]): Entry[] => {
    if (!Array.isArray(value)) return [[name, value]];
    // An empty list is unrecognized: a directive may have been lost.
    if (value.length === 0) return [[name, undefined]];
    return Array.from(value, (args): Entry => [name, args]);
  });
}

/** Accepts the members `name` and `args` only: an argument in any other would be lost. */
function toEntry(item: unknown): Entry {
  if (typeof item !== 'object' || item === null || !('name' in item)) return [undefined, undefined];
  const isKnown =
    isRecord(item) && Object.keys(item).every((member) => member === 'name' || member === 'args');
  if (!isKnown) return [item.name, undefined];
  return [item.name, 'args' in item ? item.args : true];
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
  // No argument accepts anything else, including undefined: null gets an error with a clear message.
  return { kind: Kind.NULL };
}

/** A plain object all of whose members are enumerable: unlike a Map, it hides nothing. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === null || prototype === Object.prototype) &&
    Reflect.ownKeys(value).length === Object.keys(value).length
  );
}
