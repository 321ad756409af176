import {
  type ConstDirectiveNode,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  type Location,
  valueFromASTUntyped,
} from 'graphql';
import { isAuthDirective } from './auth-directives.ts';
import { findMisplaced, readExtensions } from './extension-directives.ts';

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
  /** Whether its syntax nodes and `extensions.directives` both have rules, and not the same ones. */
  readonly isContradictory: boolean;
  /** Entries of `extensions.directives` in an unknown form: their names, if they have any. */
  readonly unrecognized: readonly (string | undefined)[];
  /** Keys of `extensions` that look like `extensions.directives`, but are not read. */
  readonly misplaced: readonly string[];
}

/** Reads the directives of every coordinate that has any. */
export function readAppliedDirectives(schema: GraphQLSchema): AppliedDirectives[] {
  const applied: AppliedDirectives[] = [];
  for (const { coordinate, location, element } of schemaElements(schema)) {
    const { directives: written, unrecognized } = readExtensions(
      element.extensions?.['directives'],
    );
    const combined = combineDirectives(sdlDirectives(element), written);
    const misplaced = findMisplaced(element.extensions ?? {});
    if (combined.directives.length > 0 || unrecognized.length > 0 || misplaced.length > 0) {
      applied.push({ coordinate, location, ...combined, unrecognized, misplaced });
    }
  }
  return applied;
}

/**
 * Combines the two places of directives. Some libraries, such as Pothos with its directives plugin,
 * write each directive to both: then it is one directive.
 */
function combineDirectives(
  sdl: readonly ConstDirectiveNode[],
  extensions: readonly ConstDirectiveNode[],
): Pick<AppliedDirectives, 'directives' | 'isContradictory'> {
  const unmatched = [...sdl];
  const added = extensions.filter((directive) => {
    const key = comparableDirective(directive);
    const index = unmatched.findIndex((one) => comparableDirective(one) === key);
    if (index >= 0) unmatched.splice(index, 1);
    return index < 0;
  });
  const hasRule = (directives: readonly ConstDirectiveNode[]): boolean =>
    directives.some(({ name }) => isAuthDirective(name.value));
  return {
    directives: [...sdl, ...added],
    isContradictory: hasRule(sdl) && hasRule(extensions) && (hasRule(unmatched) || hasRule(added)),
  };
}

/** A directive as text that is the same however it is written: one value is a list of one. */
export function comparableDirective({ name, arguments: args = [] }: ConstDirectiveNode): string {
  const values = args.map((argument): [string, unknown] => {
    const value: unknown = valueFromASTUntyped(argument.value);
    return [argument.name.value, Array.isArray(value) ? value : [value]];
  });
  return JSON.stringify([name.value, values.sort(([one], [other]) => (one < other ? -1 : 1))]);
}
