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
    const misplaced = Object.keys(element.extensions ?? {}).filter(isMisplaced);
    if (directives.length > 0 || unreadable.length > 0 || misplaced.length > 0) {
      uses.push({ coordinate, place, directives, unreadable, misplaced });
    }
  }
  return uses;
}

/** `extensions.auth`, `extensions.directive` and the like: written for us, and not read. */
function isMisplaced(name: string): boolean {
  if (name === 'directives') return false;
  const plain = name.startsWith('@') ? name.slice(1) : name;
  if (likeness(plain, 'directives') !== undefined) return true;
  return ['auth', 'public'].some((ours) => {
    const like = likeness(plain, ours);
    // A letter more or another one makes a word of its own: `extensions.oauth`, `extensions.auto`.
    return like === 'same' || like === 'swapped' || like === 'shorter';
  });
}

/** `{ auth: { … } }`, `{ auth: [{ … }] }` or `[{ name: 'auth', args: { … } }]`, as code-first libraries write them. */
function directivesOfExtensions(
  directives: unknown,
  unreadable: (string | undefined)[],
): ConstDirectiveNode[] {
  if (directives === undefined || directives === null) return [];
  return usesOf(directives).flatMap(([name, args]) => {
    if (typeof name === 'string' && (args === undefined || args === true || isRecord(args))) {
      return [directiveNode(name, args)];
    }
    unreadable.push(typeof name === 'string' ? name : undefined);
    return [];
  });
}

function usesOf(directives: unknown): readonly (readonly [name: unknown, args: unknown])[] {
  if (Array.isArray(directives)) {
    return directives.map((use: unknown) =>
      isRecord(use) ? [use['name'], use['args']] : [undefined, undefined],
    );
  }
  if (!isRecord(directives)) return [[undefined, undefined]];
  return Object.entries(directives).flatMap(([name, uses]) =>
    (Array.isArray(uses) ? uses : [uses]).map((use: unknown) => [name, use] as const),
  );
}

function directiveNode(name: string, args: unknown): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: Object.entries(isRecord(args) ? args : {}).flatMap(
      ([argument, value]): ConstArgumentNode[] =>
        value === undefined
          ? []
          : [
              {
                kind: Kind.ARGUMENT,
                name: { kind: Kind.NAME, value: argument },
                value: valueNode(value),
              },
            ],
    ),
  };
}

function valueNode(value: unknown): ConstValueNode {
  if (typeof value === 'string') return { kind: Kind.STRING, value };
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value };
  if (Number.isInteger(value)) return { kind: Kind.INT, value: String(value) };
  if (Array.isArray(value)) return { kind: Kind.LIST, values: value.map(valueNode) };
  // Anything else is nothing that an argument of ours takes; null is refused with a clear message.
  return { kind: Kind.NULL };
}

/** A plain object: what a Map or a Set holds would not be seen. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
