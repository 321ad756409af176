import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type PolicyTerm, policiesOf } from '../directives/requirement.ts';
import type { SchemaRuleProblem } from '../directives/schema-rule-error.ts';
import { innermost } from './list-ends.ts';
import { formAt, type RefusalForm, type RefusalForms } from './refusal-form.ts';
import type { FieldRule, SchemaRules } from './schema-rules.ts';
import { isEntitiesField } from './subgraph-fields.ts';

/** What policies at one place of a field deny, and in which form. */
interface Place {
  readonly names: string;
  readonly form: RefusalForm;
}

/**
 * Finds fields where the form of a refusal could not hold: null where the type has none, and hidden
 * objects that a position, an event or another form would give away.
 */
export function findFormProblems(
  schema: GraphQLSchema,
  rules: SchemaRules,
  forms: RefusalForms,
): SchemaRuleProblem[] {
  if (forms.areOrdinary) return [];
  const finder = new FormProblemFinder(schema, rules, forms);
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !isIntrospectionType(type)
      ? Object.values(type.getFields()).flatMap((field) => finder.find(type, field))
      : [],
  );
}

class FormProblemFinder {
  readonly #schema: GraphQLSchema;
  readonly #rules: SchemaRules;
  readonly #forms: RefusalForms;

  constructor(schema: GraphQLSchema, rules: SchemaRules, forms: RefusalForms) {
    this.#schema = schema;
    this.#rules = rules;
    this.#forms = forms;
  }

  find(parent: GraphQLObjectType, field: GraphQLField<unknown, unknown>): SchemaRuleProblem[] {
    const rule = this.#rules.field(parent.name, field.name);
    const isEvent = parent === this.#schema.getSubscriptionType();
    const own = this.#place([...rule.policies, ...this.#inputPolicies(rule)]);
    const values = this.#returnedPolicies(field).map((terms) => this.#place(terms));
    const messages = new Set<string>();

    // Of the root fields of a mutation, only hidden ones can be null without an error.
    const isError = parent === this.#schema.getMutationType() && !own.form.isHidden;
    if (isNonNullType(field.type)) {
      const { refusedAs } = formAt(own.form, isEvent);
      if (refusedAs === 'null' && !isError) messages.add(nullProblem(own, field.type));
      if (refusedAs === 'error' && own.form.isHidden) messages.add(errorProblem(own, field.type));
    }
    if (isEvent && own.form.isHidden && own.form.refusedAs !== 'omitted') {
      messages.add(shownProblem(own, 'each event of a subscription shows that something exists'));
    }
    const { isItem, isNonNull } = innermost(field.type);
    const isEntities = isEntitiesField(this.#schema, parent, field);
    for (const place of values) {
      const form = formAt(place.form, isEvent || (isItem && !isEntities));
      if (isNonNull && form.refusedAs === 'null') messages.add(nullProblem(place, field.type));
      else if (isNonNull && form.isHidden && form.refusedAs === 'error') {
        messages.add(errorProblem(place, field.type));
      }
      if (!form.isHidden || form.refusedAs === 'omitted' || isEntities) continue;
      if (isItem) messages.add(shownProblem(place, `its position in ${field.type} shows it`));
      else if (isEvent) messages.add(shownProblem(place, 'the event shows it'));
    }
    const places = isError ? values : [own, ...values];
    const hiddenErrors = places.filter(({ form }) => form.isHidden && form.refusedAs === 'error');
    const nulls = places.filter(({ form }) => form.refusedAs !== 'error');
    if (hiddenErrors.length > 0 && nulls.length > 0) {
      messages.add(
        `cannot hide what ${namesOf(hiddenErrors)} denies as an error: null is then an error too, but ${namesOf(nulls)} has refusedAs: '${nulls[0]?.form.refusedAs}'. Give them the same.`,
      );
    }
    return [...messages].map((message) => ({ coordinate: rule.coordinate, message }));
  }

  #place(terms: readonly PolicyTerm[]): Place {
    const names = [...new Set(this.#forms.named(terms))].map((name) => `"${name}"`).join(', ');
    return { names, form: this.#forms.of(terms) };
  }

  /** For each type of object, or value of an enum, that the field can return: the policies about it. */
  #returnedPolicies({ type }: GraphQLField<unknown, unknown>): readonly (readonly PolicyTerm[])[] {
    const named = getNamedType(type);
    const of = (name: string) => policiesOf(this.#rules.type(name));
    if (isObjectType(named)) return [of(named.name)];
    if (isAbstractType(named)) {
      const all = of(named.name);
      return this.#schema.getPossibleTypes(named).map(({ name }) => [...all, ...of(name)]);
    }
    const values = isEnumType(named) ? this.#rules.enumValues(named) : undefined;
    return [...(values?.values() ?? [])].map((rule) => policiesOf(rule));
  }

  /** The policies about what clients can supply to a field, at any depth. */
  #inputPolicies({ inputs }: FieldRule): readonly PolicyTerm[] {
    const terms: PolicyTerm[] = [];
    const visited = new Set<GraphQLInputType>();
    const pending = [...inputs.values()];
    for (let input = pending.pop(); input !== undefined; input = pending.pop()) {
      terms.push(...policiesOf(input.rule));
      const named = getNamedType(input.type);
      if (visited.has(named)) continue;
      visited.add(named);
      if (isInputObjectType(named)) pending.push(...this.#rules.inputFields(named).values());
      if (isEnumType(named)) {
        terms.push(...policiesOf(...(this.#rules.enumValues(named)?.values() ?? [])));
      }
    }
    return terms;
  }
}

const namesOf = (places: readonly Place[]): string =>
  [...new Set(places.map(({ names }) => names))].join(', ');

function nullProblem({ names, form }: Place, type: GraphQLOutputType): string {
  const { isItem } = innermost(type);
  const instead =
    isItem && form.refusedAs === 'null' ? "'omitted', which leaves items out" : "'error'";
  return `cannot be null in ${type} where ${names} denies: make it nullable, or use refusedAs: ${instead}.`;
}

const errorProblem = ({ names }: Place, type: GraphQLOutputType): string =>
  `cannot hide what ${names} denies in ${type}: an error there removes what is around it. Make it nullable.`;

const shownProblem = ({ names }: Place, how: string): string =>
  `cannot hide what ${names} denies: ${how}. Use refusedAs: 'omitted'.`;
