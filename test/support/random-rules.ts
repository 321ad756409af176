import {
  buildSchema,
  doTypesOverlap,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import type { ReferenceViewer } from './rules-reference.ts';

/** As many choices as are wanted, the same for the same seed (SplitMix32). */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % limit;
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === times - 1;
  }

  of<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('Nothing to choose from.');
    return item;
  }
}

export const now = 1_800_000_000;

export const policyNames = ['yes', 'no', 'throws', 'later', 'never', 'nothing', 'source', 'args'];

function auth(choices: Choices, rarity: number, withPolicies: boolean): string {
  if (!choices.once(rarity)) return '';
  const parts: string[] = [];
  const kind = choices.below(withPolicies ? 8 : 6);
  if (kind === 1 || kind === 2) {
    parts.push(
      `scope: ${choices.of(['"a"', '"b"', '"a b"', '["a", "b"]', '["a b", "c"]', '["c"]'])}`,
    );
  }
  if (kind === 2 || kind === 3)
    parts.push(`claims: ${choices.of(['"k"', '"nil"', '["k", "l"]', '"p.q"'])}`);
  if (kind === 4) parts.push(`acr: ${choices.of(['["gold", "silver"]', '"gold"'])}`);
  if (kind === 5) parts.push(`maxAge: ${choices.of(['1000', '50', '0'])}`);
  if (kind > 5) parts.push(`policy: ["${choices.of(policyNames)}"]`);
  if (kind === 7) parts.push('scope: "a"');
  return parts.length === 0 ? ' @auth' : ` @auth(${parts.join(', ')})`;
}

/** The text of a schema with rules on everything that can have one. */
export function randomSchema(choices: Choices, withPolicies: boolean): string {
  // Each kind of place has its own share of rules, so that what others would hide comes to light.
  const share = (): (() => string) => {
    const rarity = choices.of([12, 2, 3, 6, 12, 99, 99]);
    return () => auth(choices, rarity, withPolicies);
  };
  const onType = share();
  const onField = share();
  const onArgument = share();
  const onInput = share();
  const onValue = share();
  const onRoot = choices.once(4) ? share() : () => '';
  const orNot = (type: string): string => (choices.once(3) ? `${type}!` : type);
  const listOf = (type: string): string => orNot(`[${orNot(type)}]`);

  // One type for each field name, so that selections of several types can be merged.
  const fields: Record<string, string> = {
    s: orNot('String'),
    k: orNot('Stamp'),
    e: orNot('Color'),
    le: listOf('Color'),
    lle: orNot(`[${listOf('Color')}]`),
    a: orNot('A'),
    b: orNot('B'),
    la: listOf('A'),
    n: orNot('Node'),
    ln: listOf('Node'),
    m: orNot('Named'),
    u: orNot('Either'),
    lu: listOf('Either'),
  };
  const args: Record<string, string> = {
    s: 'color: Color',
    a: 'filter: Filter, colors: [[Color!]]',
    n: 'stamp: Stamp, filter: Filter = { color: RED }',
    u: 'filters: [Filter!], name: String = "none"',
    e: 'color: Color = GREEN',
  };
  const names = Object.keys(fields);

  const field = (type: string, name: string): string => {
    const written = (args[name] ?? '')
      .split(', ')
      .filter((text) => text !== '')
      // The one comma inside a default is no separator; there is none.
      .map((argument) => `${argument}${onArgument()}`)
      .join(', ');
    // An implementer may return less than its interface says.
    const returned =
      type === 'A' && name === 'n' ? fields['n']?.replace('Node', 'A') : fields[name];
    const open = type === 'Query' && choices.once(40) ? ' @public' : '';
    return `  ${name}${written === '' ? '' : `(${written})`}: ${returned}${type === 'Query' || type === 'Mutation' ? onRoot() : onField()}${open}`;
  };
  const body = (type: string, own: readonly string[]): string =>
    `{\n${[...new Set(own)].map((name) => field(type, name)).join('\n')}\n}`;
  const some = (): string[] => names.filter(() => choices.once(2));

  const ofNode = ['s', ...some().slice(0, 4)];
  const ofNamed = ['e', ...some().slice(0, 3)];
  const namedIsNode = choices.once(2);
  const allOfNamed = namedIsNode ? [...ofNode, ...ofNamed] : ofNamed;
  const both = namedIsNode ? ' implements Node & Named' : ' implements Named';

  return `${authDirectives}
schema${choices.once(8) ? auth(choices, 1, withPolicies) : ''} { query: Query mutation: Mutation }
scalar Stamp${onType()}
enum Color${choices.once(3) ? onType() : ''} { RED${onValue()} GREEN${onValue()} BLUE${onValue()} }
input Filter${onInput()} {
  name: String${onInput()}
  color: Color = BLUE${onInput()}
  inner: Inner${onInput()}
  filters: [Filter!]${onInput()}
}
input Inner${onInput()} { size: Int = 3${onInput()} colors: [Color!] = [RED]${onInput()} back: Filter }
interface Node${onType()} ${body('Node', ofNode)}
interface Named${namedIsNode ? ' implements Node' : ''}${onType()} ${body('Named', allOfNamed)}
union Either${onType()} = A | B${choices.once(2) ? ' | C' : ''}
type A implements Node${onType()} ${body('A', [...ofNode, 'n', ...some()])}
type B${both}${onType()} ${body('B', [...allOfNamed, 's', ...some()])}
type C${both}${onType()} ${body('C', [...allOfNamed, ...some()])}
type Query${choices.once(3) ? onRoot() : ''} ${body('Query', names)}
type Mutation${choices.once(3) ? onRoot() : ''} ${body('Mutation', names)}
`;
}

export interface RandomOperation {
  readonly text: string;
  readonly operationName: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** An operation on the schema. It may be invalid: validate it, and pass over those that are. */
export function randomOperation(choices: Choices, schema: GraphQLSchema): RandomOperation {
  const fragmentTypes = ['A', 'Node', 'Either', 'Query', 'B', 'Named'];
  const conditions = [...fragmentTypes, 'C', 'Mutation'];
  const variables: Record<string, unknown> = {};
  interface Part {
    readonly text: string;
    readonly declares: readonly string[];
    readonly spreads: readonly number[];
  }
  let names = 0;

  const part = (write: (declares: string[], spreads: number[]) => string): Part => {
    const declares: string[] = [];
    const spreads: number[] = [];
    return { text: write(declares, spreads), declares, spreads };
  };

  const fragments: Part[] = [];
  for (let index = choices.below(4) - 1; index >= 0; index -= 1) {
    const type = schema.getType(fragmentTypes[index] ?? 'A');
    if (!isCompositeType(type)) throw new Error('No such type.');
    fragments[index] = part(
      (declares, spreads) =>
        `fragment F${index} on ${type.name} ${selections(type, 2, declares, spreads, index)}`,
    );
  }

  const kind = choices.of(['query', 'mutation', 'query'] as const);
  const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
  if (!root) throw new Error('No such root type.');
  const operation = part((declares, spreads) => selections(root, 3, declares, spreads, -1));

  const reached = new Set<number>();
  const declared = new Set<string>();
  for (const queue = [operation]; queue.length > 0; ) {
    const next = queue.pop();
    for (const one of next?.declares ?? []) declared.add(one);
    for (const index of next?.spreads ?? []) {
      const fragment = fragments[index];
      if (!fragment || reached.has(index)) continue;
      reached.add(index);
      queue.push(fragment);
    }
  }
  const sent = Object.entries(variables).filter(([name]) =>
    [...declared].some((text) => text.startsWith(`$${name}:`)),
  );
  const header = declared.size === 0 ? '' : `(${[...declared].join(', ')})`;
  const other = choices.once(3) ? 'query Other { other: __typename s }' : '';
  return {
    text: [
      other,
      `${kind} Asked${header} ${operation.text}`,
      ...[...reached].map((index) => fragments[index]?.text ?? ''),
    ].join('\n'),
    operationName: 'Asked',
    variables: Object.fromEntries(sent),
  };

  function selections(
    type: GraphQLCompositeType,
    depth: number,
    declares: string[],
    spreads: number[],
    fragment: number,
  ): string {
    const parts: string[] = [];
    for (let left = choices.below(4); left >= 0; left -= 1) {
      parts.push(selection(type, depth, declares, spreads, fragment));
    }
    return `{ ${parts.join(' ')} }`;
  }

  function selection(
    type: GraphQLCompositeType,
    depth: number,
    declares: string[],
    spreads: number[],
    fragment: number,
  ): string {
    const kind = choices.below(10);
    if (kind === 9)
      return `... ${conditional(declares)} ${selections(type, depth, declares, spreads, fragment)}`;
    if (kind === 8 || (kind === 7 && fragments.length === 0)) {
      const name = choices.of(conditions.filter((one) => meets(one, type)));
      const target = schema.getType(name);
      if (!isCompositeType(target)) return '__typename';
      return `... on ${name}${conditional(declares)} ${selections(target, depth, declares, spreads, fragment)}`;
    }
    if (kind === 7) {
      const index = fragment + 1 + choices.below(3);
      if (fragments[index] === undefined || !meets(fragmentTypes[index], type)) return '__typename';
      spreads.push(index);
      return `...F${index}${conditional(declares)}`;
    }
    const fields = 'getFields' in type ? Object.values(type.getFields()) : [];
    if (fields.length === 0 || kind === 6) return `__typename${conditional(declares)}`;
    const field = choices.of(fields);
    const returned = getNamedType(field.type);
    if (isCompositeType(returned) && depth === 0) return '__typename';
    const given = field.args.flatMap((argument) => {
      const value = choices.once(2) ? input(argument.type, 2, declares) : undefined;
      return value === undefined ? [] : [`${argument.name}: ${value}`];
    });
    if (given.length > 0) names += 1;
    const alias = given.length > 0 ? `x${names}: ` : choices.once(4) ? `y${field.name}: ` : '';
    const below = isCompositeType(returned)
      ? ` ${selections(returned, depth - 1, declares, spreads, fragment)}`
      : '';
    return `${alias}${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}${conditional(declares)}${below}`;
  }

  function meets(condition: string | undefined, type: GraphQLCompositeType): boolean {
    const target = condition === undefined ? undefined : schema.getType(condition);
    return isCompositeType(target) && doTypesOverlap(schema, target, type);
  }

  function conditional(declares: string[]): string {
    const kind = choices.below(10);
    if (kind < 6) return '';
    const name = kind % 2 === 0 ? 'include' : 'skip';
    if (kind === 6) return ` @${name}(if: ${choices.of(['true', 'false'])})`;
    const variable = choices.of(['yes', 'no', 'byDefault'] as const);
    declares.push(
      variable === 'byDefault' ? '$byDefault: Boolean! = false' : `$${variable}: Boolean!`,
    );
    if (variable !== 'byDefault') variables[variable] = variable === 'yes';
    return ` @${name}(if: $${variable})`;
  }

  /** A literal, or a variable that is sent, left to its default, or not sent at all. */
  function input(type: GraphQLInputType, depth: number, declares: string[]): string {
    if (choices.once(3)) {
      names += 1;
      const name = `v${names}`;
      const fallback = choices.once(3) ? ` = ${value(type, depth, [], false)}` : '';
      const isSent = choices.once(2) || (isNonNullType(type) && fallback === '');
      declares.push(`$${name}: ${type}${fallback}`);
      if (isSent) variables[name] = json(type, depth);
      return `$${name}`;
    }
    return value(type, depth, declares, true);
  }

  function value(
    type: GraphQLInputType,
    depth: number,
    declares: string[],
    mayHoldVariables: boolean,
  ): string {
    const inner = (one: GraphQLInputType): string =>
      mayHoldVariables ? input(one, depth - 1, declares) : value(one, depth - 1, declares, false);
    const bare = getNullableType(type);
    if (!isNonNullType(type) && choices.once(6)) return 'null';
    if (isListType(bare)) {
      if (depth <= 0) return '[]';
      // A single value stands for a list of one.
      return choices.once(3)
        ? value(bare.ofType, depth - 1, declares, false)
        : `[${inner(bare.ofType)}]`;
    }
    if (isEnumType(bare)) return choices.of(bare.getValues()).name;
    if (!isInputObjectType(bare)) return bare.name === 'Int' ? '7' : '"text"';
    const members = Object.values(bare.getFields()).flatMap((field) =>
      depth > 0 && choices.once(3) ? [`${field.name}: ${inner(field.type)}`] : [],
    );
    return `{ ${members.join(', ')} }`;
  }

  function json(type: GraphQLInputType, depth: number): unknown {
    const bare = getNullableType(type);
    if (!isNonNullType(type) && choices.once(6)) return null;
    if (isListType(bare)) {
      if (depth <= 0) return [];
      const item = json(bare.ofType, depth - 1);
      return choices.once(3) && item !== null ? item : [item];
    }
    if (isEnumType(bare)) return choices.of(bare.getValues()).name;
    if (!isInputObjectType(bare)) return bare.name === 'Int' ? 7 : 'text';
    return Object.fromEntries(
      Object.values(bare.getFields()).flatMap((field) =>
        depth > 0 && choices.once(3) ? [[field.name, json(field.type, depth - 1)]] : [],
      ),
    );
  }
}

/** Somebody, or nobody. */
export function randomViewer(choices: Choices): ReferenceViewer | undefined {
  if (choices.once(5)) return undefined;
  const claims: Record<string, unknown> = { nil: null };
  if (choices.once(2)) claims['k'] = 'here';
  if (choices.once(2)) claims['l'] = false;
  if (choices.once(2)) claims['p'] = choices.of([{ q: 0 }, { q: null }, { r: 1 }, ['q'], 'q']);
  if (choices.once(8)) claims['p.q'] = choices.of(['here', null]);
  if (choices.once(2)) claims['acr'] = choices.of(['gold', 'silver', 'tin']);
  if (choices.once(2))
    claims['auth_time'] = choices.of([now - 10, now - 100, now - 5000, now, now + 9]);
  return { scopes: new Set(['a', 'b', 'c'].filter(() => choices.once(2))), claims };
}

export interface RandomObject {
  readonly kind: string;
  readonly at: string;
}

export function isRandomObject(value: unknown): value is RandomObject {
  return typeof value === 'object' && value !== null && 'kind' in value && 'at' in value;
}

export function hash(text: string): number {
  let sum = 7;
  for (let at = 0; at < text.length; at += 1) sum = (sum * 31 + text.charCodeAt(at)) % 1_000_003;
  return sum;
}

/** What a field resolves to: always the same at the same path. */
export function valueAt(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
  path: readonly (string | number)[],
): unknown {
  const at = path.join('.');
  const number = hash(at);
  if (!isNonNullType(type) && number % 11 === 0) return null;
  const bare = getNullableType(type);
  if (isListType(bare)) {
    return Array.from({ length: number % 3 }, (_, index) =>
      valueAt(schema, bare.ofType, [...path, index]),
    );
  }
  if (isEnumType(bare)) return bare.getValues()[number % bare.getValues().length]?.name;
  if (!isCompositeType(bare)) return at;
  const types: readonly GraphQLObjectType[] = isAbstractType(bare)
    ? schema.getPossibleTypes(bare)
    : [bare];
  return { kind: types[number % types.length]?.name ?? '', at } satisfies RandomObject;
}

/** Builds the schema, and gives it resolvers that note where they ran. */
export function resolvable(text: string, ran: (path: string) => void): GraphQLSchema {
  // Random schemas are valid. To validate them takes longer than to build them.
  const schema = buildSchema(text, { assumeValid: true });
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) {
      // Some find the runtime type themselves, some leave it to isTypeOf.
      if (hash(type.name + text.length) % 2 === 0) {
        type.resolveType = (value) => (isRandomObject(value) ? value.kind : undefined);
      }
    }
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    type.isTypeOf = (value) => {
      const is = isRandomObject(value) && value.kind === type.name;
      return isRandomObject(value) && hash(value.at) % 5 === 0 ? Promise.resolve(is) : is;
    };
    for (const field of Object.values(type.getFields())) {
      field.resolve = (_source, _args, _context, info) => {
        const path: (string | number)[] = [];
        for (let key: typeof info.path | undefined = info.path; key; key = key.prev)
          path.unshift(key.key);
        ran(path.join('.'));
        const value = valueAt(schema, info.returnType, path);
        const number = hash(path.join('/'));
        if (number % 3 === 0) return Promise.resolve(value);
        if (Array.isArray(value) && number % 3 === 1) {
          return value.map((item: unknown) => Promise.resolve(item));
        }
        return value;
      };
    }
  }
  return schema;
}
