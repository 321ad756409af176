import { type GraphQLSchema, isSchema } from 'graphql';
import { SchemaRuleError } from '../../authorization/directives/schema-rule-error.ts';
import { compileSchemaRules } from '../../authorization/rules/schema-rules.ts';

/** A node of GraphQL, as graphql-eslint converts it for ESLint. */
export interface LintedNode {
  readonly type: string;
  readonly name?: { readonly value?: string };
  readonly parent?: LintedNode;
}

/** What ESLint hands to a rule, as far as this one uses it. */
export interface LintContext {
  readonly options: readonly unknown[];
  readonly sourceCode: { readonly parserServices?: unknown };
  report(problem: { readonly node: object; readonly message: string }): void;
}

/** A rule of ESLint that judges definitions of fields. */
export interface LintRule {
  readonly meta: {
    readonly type: 'problem';
    readonly docs: { readonly description: string };
    readonly schema: readonly object[];
  };
  create(context: LintContext): { readonly FieldDefinition: (node: LintedNode) => void };
}

const choices = ['root-fields', 'all-fields'] as const;
type Choice = (typeof choices)[number];

/** Policies have their functions at run time only. */
const anyPolicy = { has: () => true };

function createDecidedFields(): LintRule {
  const checked = new WeakMap<GraphQLSchema, Map<Choice, ReadonlyMap<string, string>>>();

  function problemsOf(schema: GraphQLSchema, requireRuleOn: Choice): ReadonlyMap<string, string> {
    const known = checked.get(schema) ?? new Map<Choice, ReadonlyMap<string, string>>();
    const problems = known.get(requireRuleOn) ?? findProblems(schema, requireRuleOn);
    checked.set(schema, known.set(requireRuleOn, problems));
    return problems;
  }

  return {
    meta: {
      type: 'problem',
      docs: { description: 'Require @auth or @public on fields, and rules that can be enforced.' },
      schema: [{ enum: choices }],
    },
    create(context) {
      const schema = schemaOf(context);
      const requireRuleOn = choices.find((one) => one === context.options[0]) ?? 'root-fields';
      const problems = problemsOf(schema, requireRuleOn);
      return {
        FieldDefinition(node) {
          const coordinate = `${node.parent?.name?.value}.${node.name?.value}`;
          for (const [place, message] of problems) {
            // An argument is part of its field.
            if (place === coordinate || place.startsWith(`${coordinate}(`)) {
              context.report({ node: node.name ?? node, message: `${place} ${message}` });
            }
          }
        },
      };
    },
  };
}

function schemaOf({ sourceCode: { parserServices } }: LintContext): GraphQLSchema {
  const schema: unknown =
    typeof parserServices === 'object' && parserServices !== null
      ? Reflect.get(parserServices, 'schema')
      : undefined;
  if (isSchema(schema)) return schema;
  throw new Error(
    'The rule needs the schema: set languageOptions.parserOptions.graphQLConfig.schema of graphql-eslint.',
  );
}

function findProblems(schema: GraphQLSchema, requireRuleOn: Choice): ReadonlyMap<string, string> {
  try {
    compileSchemaRules(schema, { policies: anyPolicy, requireRuleOn, allowNoRules: true });
    return new Map();
  } catch (error) {
    if (!(error instanceof SchemaRuleError)) throw error;
    const messages = new Map<string, string>();
    for (const { coordinate, message } of error.problems) {
      const known = messages.get(coordinate);
      messages.set(coordinate, known === undefined ? message : `${known} It also ${message}`);
    }
    return messages;
  }
}

/**
 * The rules of the plugin, by name.
 *
 * `decided-fields` reports fields that `guardSchema` rejects: without a rule or `@public`, where one is
 * required, and with rules that cannot be enforced as written. It reads them like `guardSchema`, so a rule
 * of the schema, of the type or of an interface counts. Its one option is `root-fields`, the default, or
 * `all-fields`.
 *
 * Requires graphql-eslint, with the schema in `languageOptions.parserOptions.graphQLConfig`.
 *
 * @example
 * ```js
 * import * as access from 'graphql-resource-server/eslint';
 *
 * export const config = { plugins: { access }, rules: { 'access/decided-fields': 'error' } };
 * ```
 */
export const rules: Readonly<Record<'decided-fields', LintRule>> = {
  'decided-fields': createDecidedFields(),
};
