import {
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type GraphQLSchema,
  Kind,
} from 'graphql';
import { likeness } from './likeness.ts';
import { type SchemaElement, schemaElements, writtenDirectives } from './schema-elements.ts';

/** A schema coordinate, and the directives that stand on it. */
export interface DirectiveUses {
  readonly coordinate: string;
  readonly place: SchemaElement['place'];
  readonly directives: readonly ConstDirectiveNode[];
  /** The names, where they have one, of what `extensions.directives` holds in no form known here. */
  readonly unreadable: readonly (string | undefined)[];
  /** Names in `extensions` that seem to mean `extensions.directives`, and are not read. */
  readonly misplaced: readonly string[];
}

/** Every coordinate of the schema that directives stand on. */
export function directiveUses(schema: GraphQLSchema): DirectiveUses[] {
  const uses: DirectiveUses[] = [];
  for (const { coordinate, place, element } of schemaElements(schema)) {
    const unreadable: (string | undefined)[] = [];
    const directives = [
      ...writtenDirectives(element),
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
