import {
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type ConstObjectFieldNode,
  type ConstValueNode,
  Kind,
} from 'graphql';
import { findMisspelling } from '../../shared/edit-distance.ts';

/**
 * Reads `{ auth: { … } }`, `{ auth: [{ … }] }` and `[{ name: 'auth', args: { … } }]`, the forms of
 * code-first libraries. Entries in another form are unrecognized: their names, if they have any.
 */
export function readExtensions(directives: unknown): {
  readonly directives: readonly ConstDirectiveNode[];
  readonly unrecognized: readonly (string | undefined)[];
} {
  const nodes: ConstDirectiveNode[] = [];
  const unrecognized: (string | undefined)[] = [];
  const entries = directives === undefined || directives === null ? [] : listEntries(directives);
  for (const [name, args] of entries) {
    if (typeof name === 'string' && (args === true || isRecord(args))) {
      nodes.push(directiveNode(name, args));
    } else unrecognized.push(typeof name === 'string' ? name : undefined);
  }
  return { directives: nodes, unrecognized };
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
  if (isRecord(value)) {
    const fields = Object.entries(value).map(
      ([name, member]): ConstObjectFieldNode => ({
        kind: Kind.OBJECT_FIELD,
        name: { kind: Kind.NAME, value: name },
        value: valueNode(member),
      }),
    );
    return { kind: Kind.OBJECT, fields };
  }
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

/**
 * Finds keys such as `extensions.auth` and `extensions.directive`, including inherited and
 * non-enumerable ones.
 */
export function findMisplaced(extensions: Readonly<Record<string, unknown>>): string[] {
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
export function namesAuth(value: unknown): boolean {
  if (typeof value === 'string') return /^\s*@?(?:auth|public)\b/.test(value);
  if (Array.isArray(value)) return value.some(namesAuth);
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, 'auth') || Object.hasOwn(value, 'public')) return true;
  if ('name' in value && namesAuth(value.name)) return true;
  // The name node of a syntax tree.
  return 'kind' in value && 'value' in value && namesAuth(value.value);
}
