import type { GraphQLSchema } from 'graphql';
import { anonymous, type Viewer } from '../../src/authentication/viewer.ts';
import { SchemaRuleError } from '../../src/authorization/directives/schema-rule-error.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import type { PolicyDefinition } from '../../src/authorization/rules/policy-definition.ts';
import { hash, isRandomObject, now } from './random-rules.ts';
import type { ReferenceViewer } from './rules-reference.ts';

/* Guards the schemas of random-rules.ts. */

export const agreesOnSource = (source: unknown): boolean =>
  isRandomObject(source) && hash(source.at) % 2 === 0;
export const agreesOnArgs = (args: unknown): boolean => JSON.stringify(args).length % 2 === 0;

const policies: Record<string, PolicyDefinition> = {
  yes: () => true,
  no: () => false,
  throws: () => {
    throw new Error('thrown');
  },
  later: { batched: (inputs) => inputs.map(() => true) },
  never: () => Promise.reject(new Error('rejected')),
  // Written in JavaScript, a policy may forget to return.
  nothing: Object.assign(() => JSON.parse('null'), {}),
  source: ({ source }) => agreesOnSource(source),
  args: { batched: async (inputs) => inputs.map(({ args }) => agreesOnArgs(args)) },
};

/** Undefined if `guardSchema` rejects the schema. */
export function guardedOrUndefined(schema: GraphQLSchema): GraphQLSchema | undefined {
  try {
    return guardSchema(schema, { policies, now: () => now * 1000 });
  } catch (error) {
    // @public where another rule applies: the random schema is at fault.
    if (error instanceof SchemaRuleError) return undefined;
    throw error;
  }
}

export function viewerFrom(viewer: ReferenceViewer | undefined): Viewer {
  if (viewer === undefined) return anonymous;
  const { scopes, claims } = viewer;
  return {
    kind: 'authenticated',
    id: 'someone',
    subject: 'someone',
    issuer: 'https://issuer.test/',
    scopes,
    claims,
    expiresAt: new Date(now * 1000 + 60_000),
  };
}
