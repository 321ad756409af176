import { type GraphQLSchema, isEnumType, isInterfaceType, isObjectType } from 'graphql';
import { isObject } from '../../shared/type-guards.ts';
import {
  type AppliedDirectives,
  comparableDirective,
  type DirectiveHost,
  schemaCoordinate,
  schemaElements,
} from './applied-directives.ts';
import { isAuthDirective } from './auth-directives.ts';
import { namesAuth, readExtensions } from './extension-directives.ts';
import type { SchemaRuleProblem } from './schema-rule-error.ts';

/** The libraries that keep the options of what they build. */
type Library = 'Pothos' | 'Nexus';

/** Where an element of a schema was built, and with which options. */
interface KeptOptions {
  readonly coordinate: string;
  readonly library: Library;
  readonly options: unknown;
  /** Whether its `extensions` have no effect either. */
  readonly isExtension?: boolean;
}

/**
 * Finds rules in `directives` among the options that Pothos and Nexus keep, if they had no effect. Pothos
 * reads them only with its directives plugin; Nexus never does.
 *
 * Not found: those of input fields in Nexus, which keeps no options of theirs.
 */
export function findIgnoredOptions(
  schema: GraphQLSchema,
  applied: readonly AppliedDirectives[],
): SchemaRuleProblem[] {
  const read = new Map(
    applied.map(({ coordinate, directives }) => [
      coordinate,
      new Set(directives.map(comparableDirective)),
    ]),
  );
  const isIgnored = (coordinate: string, written: unknown): boolean => {
    const rules = readExtensions(written).directives.filter(({ name }) =>
      isAuthDirective(name.value),
    );
    if (rules.length === 0) return namesAuth(written);
    return rules.some((rule) => !read.get(coordinate)?.has(comparableDirective(rule)));
  };

  const coordinates = new Set(Array.from(schemaElements(schema), (one) => one.coordinate));
  const problems = new Map<string, SchemaRuleProblem>();
  const report = (coordinate: string, message: string): void => {
    problems.set(`${coordinate} ${message}`, { coordinate, message });
  };
  for (const { coordinate, library, options, isExtension } of [
    ...pothosOptions(schema),
    ...nexusOptions(schema),
  ]) {
    if (!coordinates.has(coordinate)) continue;
    if (isIgnored(coordinate, memberOf(options, 'directives'))) {
      report(coordinate, `has a rule in the option directives, which ${notRead[library]}`);
    }
    const extensions = isExtension ? memberOf(options, 'extensions') : undefined;
    if (isIgnored(coordinate, memberOf(extensions, 'directives'))) {
      report(
        coordinate,
        'has a rule in extendType, which Nexus does not read: write it in the type.',
      );
    }
  }
  return [...problems.values()];
}

const howTo =
  "write extensions: { directives: { auth: { scope: ['…'] } } }, or { directives: { public: true } }.";

const notRead: Readonly<Record<Library, string>> = {
  Pothos: `Pothos does not read without its plugin: add @pothos/plugin-directives, or ${howTo}`,
  Nexus: `Nexus does not read: ${howTo}`,
};

function* pothosOptions(schema: GraphQLSchema): Generator<KeptOptions> {
  const library = 'Pothos';
  for (const { coordinate, element } of schemaElements(schema)) {
    yield { coordinate, library, options: pothosOptionsOf(element) };
  }
  for (const type of Object.values(schema.getTypeMap()).filter(isEnumType)) {
    const values = memberOf(pothosOptionsOf(type), 'values');
    for (const { name } of type.getValues()) {
      yield { coordinate: `${type.name}.${name}`, library, options: memberOf(values, name) };
    }
  }
}

function* nexusOptions(schema: GraphQLSchema): Generator<KeptOptions> {
  const library = 'Nexus';
  const definitions = [memberOf(nexusConfigOf(schema), 'types')];
  for (const { coordinate, element } of schemaElements(schema)) {
    if (coordinate === schemaCoordinate) continue;
    yield { coordinate, library, options: nexusConfigOf(element) };
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const options = nexusConfigOf(field);
      definitions.push(memberOf(options, 'type'));
      for (const { name } of field.args) {
        const argument = configOf(unwrap(memberOf(memberOf(options, 'args'), name)));
        definitions.push(memberOf(argument, 'type'));
        const coordinate = `${type.name}.${field.name}(${name}:)`;
        yield { coordinate, library, options: argument };
      }
    }
  }
  for (const definition of findDefinitions(definitions)) {
    const options = configOf(definition);
    const coordinate = String(memberOf(definition, 'name'));
    yield { coordinate, library, options, isExtension: memberOf(options, 'type') === coordinate };
    const members = memberOf(options, 'members');
    for (const member of Array.isArray(members) ? members : []) {
      const name = `${coordinate}.${memberOf(member, 'name')}`;
      yield { coordinate: name, library, options: member };
    }
  }
}

/** The definitions of types among those that a schema was made of: in lists, and in modules of them. */
function findDefinitions(roots: readonly unknown[]): readonly object[] {
  const found = new Set<object>();
  const seen = new Set<object>();
  const queue = [...roots];
  while (queue.length > 0) {
    const one = unwrap(queue.pop());
    if (!isObject(one) || seen.has(one)) continue;
    seen.add(one);
    if (isObject(configOf(one)) && typeof memberOf(one, 'name') === 'string') found.add(one);
    else if (isContainer(one)) queue.push(...Object.values(one));
  }
  return [...found];
}

/** A list, a module or a plain object: types of GraphQL.js are none of them. */
function isContainer(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || prototype === Object.prototype;
}

/** What `nonNull` and `list` of Nexus contain. */
function unwrap(definition: unknown): unknown {
  const inner = memberOf(definition, 'ofNexusType');
  return inner === undefined ? definition : unwrap(inner);
}

// Fields of graphql-compose have no extensions, unlike their type says.
function pothosOptionsOf({ extensions }: DirectiveHost): unknown {
  return extensions?.['pothosOptions'];
}

function nexusConfigOf({ extensions }: DirectiveHost): unknown {
  return configOf(extensions?.['nexus']);
}

function configOf(extension: unknown): unknown {
  return memberOf(extension, 'config');
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined;
}
