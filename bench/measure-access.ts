import { buildSchema, type GraphQLSchema } from 'graphql';
import { authDirectives } from '../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../src/authorization/enforcement/guard-schema.ts';
import { accessRules } from '../src/authorization/review/access-rules.ts';
import { isWeaker } from '../src/authorization/review/compare-rules.ts';
import { type Figure, median } from './figure.ts';

/** What reading the rules of a schema costs, where they have many alternatives. */
export async function measureAccess(): Promise<Figure[]> {
  return [
    listing('accessRules, 11 interfaces with 2 alternatives each', interfaces(11, 2)),
    listing('accessRules, 4 places with 12 alternatives each', interfaces(4, 12)),
    listing('accessRules, 40 interfaces with 40 alternatives each', interfaces(40, 40), 300),
    listing('accessRules, a union of 500 types with rules of their own', union(500), 200),
    listing('accessRules, 2,000 types of one interface, 10,000 fields', largeInterface(), 2_000),
    comparison('isWeaker, 40 places with 40 alternatives, one more', 40, 41),
    comparison('isWeaker, 40 places with 40 alternatives, one less', 41, 40),
  ];
}

function interfaces(count: number, alternatives: number): string {
  const names = Array.from({ length: count }, (_, index) => `I${index}`);
  const scopes = (name: string): string =>
    JSON.stringify(Array.from({ length: alternatives }, (_, index) => `${name}:${index}`));
  return `${names.map((name) => `interface ${name} @auth(scope: ${scopes(name)}) { x: Int }`).join('\n')}
type Query { t: T }
type T implements ${names.join(' & ')} { x: Int }`;
}

function union(count: number): string {
  const names = Array.from({ length: count }, (_, index) => `T${index}`);
  return `type Query { u: U }
union U = ${names.join(' | ')}
${names.map((name) => `type ${name} @auth(claims: "${name}", scope: ["${name}:a", "${name}:b"]) { x: Int }`).join('\n')}`;
}

function largeInterface(): string {
  const types = Array.from(
    { length: 2_000 },
    (_, index) =>
      `type T${index} implements Node @auth(scope: "t${index % 300}") { a: Int b: Int c: Int d: Int @auth(claims: "c${index % 7}") e: Int @auth(policy: "p") }`,
  );
  return `interface Node { a: Int b: Int c: Int d: Int e: Int }
type Query { node: Node }
${types.join('\n')}`;
}

const guarded = (types: string): GraphQLSchema =>
  guardSchema(buildSchema(`${authDirectives}\n${types}`), { policies: { p: () => true } });

function listing(name: string, types: string, limit = 100): Figure {
  const schema = guarded(types);
  return { name, value: middle(() => accessRules(schema)), unit: 'ms', limit };
}

function comparison(name: string, before: number, now: number): Figure {
  const toAccessTerms = (count: number) => {
    const found = accessRules(guarded(interfaces(count, 40))).at(-1);
    if (found === undefined) throw new Error('No rules.');
    return found;
  };
  const [one, other] = [toAccessTerms(now), toAccessTerms(before)];
  return { name, value: middle(() => isWeaker(one, other)), unit: 'ms', limit: 100 };
}

function middle(work: () => unknown): number {
  return median(
    Array.from({ length: 5 }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    }),
  );
}
