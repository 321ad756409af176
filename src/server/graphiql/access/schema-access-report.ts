import { type GraphQLSchema, isEnumType, isInputObjectType, isIntrospectionType } from 'graphql';
import { anonymous, type Viewer } from '../../../authentication/viewer.ts';
import { guardOf } from '../../../authorization/operation/guard.ts';
import { hasCoordinate } from '../../../authorization/review/access-rules.ts';
import { describeAccess } from '../../../authorization/review/describe-access.ts';
import type { ViewerAccess } from '../../../authorization/review/viewer-access.ts';
import { findViewerAccess } from '../../../authorization/review/viewer-verdict.ts';
import {
  type Access,
  ruleAccess,
  SchemaAccess,
} from '../../../authorization/rules/schema-access.ts';
import { testUserViewer, type UserWithScopes } from '../../test-users.ts';

/** A viewer of the report: anonymous, or a test user with all of their scopes. */
interface ReportedViewer {
  readonly name: string;
  readonly kind: 'anonymous' | 'test user';
  readonly scopes: readonly string[];
}

/** A coordinate, its rule, and who meets it. */
interface ReportedRule {
  /** `Query.posts`, `Query.posts(filter:)`, `Filter.secret`, `Role.ADMIN` or `Post`. */
  readonly coordinate: string;
  readonly kind: 'field' | 'argument' | 'input field' | 'enum value' | 'type';
  readonly access: 'public' | 'authenticated';
  /** As an `@auth` directive; `public` if none applies. */
  readonly rule: string;
  /** The coordinates whose `@auth` it comes from. */
  readonly from: readonly string[];
  /** For each viewer of the report, in its order. `conditional`: a policy decides. */
  readonly viewers: readonly ViewerAccess[];
}

/** The rules of a schema, and what test users are allowed. */
export interface SchemaAccessReport {
  readonly viewers: readonly ReportedViewer[];
  /**
   * Every field, and every argument, input field, enum value and type that has a rule. Without those that
   * introspection does not show to the viewer of the request.
   */
  readonly rules: readonly ReportedRule[];
}

/** Options for `createAccessReporter`. */
export interface AccessReporterOptions {
  readonly schema: GraphQLSchema;
  readonly introspection: 'on' | 'viewer' | 'off';
  /** The part of the schema that is shown to a viewer. */
  readonly visibleTo: (viewer: Viewer) => GraphQLSchema;
  readonly users: readonly UserWithScopes[];
}

/** Creates what reports the rules of a schema, as JSON. Computes them with the first request. */
export function createAccessReporter(options: AccessReporterOptions): (viewer: Viewer) => string {
  const { introspection, visibleTo } = options;
  let computed: { readonly report: SchemaAccessReport; readonly json: string } | undefined;
  return (viewer) => {
    if (introspection === 'off') return JSON.stringify({ viewers: [], rules: [] });
    if (computed === undefined) {
      const report = reportAccess(options);
      computed = { report, json: JSON.stringify(report) };
    }
    if (introspection === 'on') return computed.json;
    const { viewers, rules } = computed.report;
    const visible = visibleTo(viewer);
    const isVisible = (coordinate: string): boolean =>
      hasCoordinate(visible, coordinate) || visible.getType(coordinate) !== undefined;
    return JSON.stringify({
      viewers,
      rules: rules
        .filter(({ coordinate }) => isVisible(coordinate))
        .map((rule) => ({ ...rule, from: rule.from.filter(isVisible) })),
    });
  };
}

function reportAccess({ schema, users: all }: AccessReporterOptions): SchemaAccessReport {
  const guard = guardOf(schema);
  // Those with the fewest scopes first.
  const users = [...all].sort((one, other) => one.scopes.length - other.scopes.length);
  const viewers: readonly Viewer[] = [
    anonymous,
    ...users.map((user) => testUserViewer(user, schema)),
  ];
  const report = (coordinate: string, access: Access): ReportedRule => {
    const { rule, from } = describeAccess(access);
    return {
      coordinate,
      kind: kindOf(coordinate, schema),
      access: rule === 'public' ? 'public' : 'authenticated',
      rule,
      from,
      viewers: viewers.map((viewer) => findViewerAccess(access, viewer, guard)),
    };
  };
  const types = Object.values(schema.getTypeMap()).flatMap((type) => {
    const rule = isIntrospectionType(type) ? [] : guard.rules.type(type.name);
    return rule.length === 0 ? [] : [report(type.name, ruleAccess(rule))];
  });
  const members = new SchemaAccess(schema, guard.rules)
    .coordinates()
    .map(({ coordinate, access }) => report(coordinate, access));
  return {
    viewers: [
      { name: 'signed out', kind: 'anonymous', scopes: [] },
      ...users.map(({ name, scopes }) => ({ name, kind: 'test user' as const, scopes })),
    ],
    rules: [...members, ...types],
  };
}

function kindOf(coordinate: string, schema: GraphQLSchema): ReportedRule['kind'] {
  const [typeName = '', member] = coordinate.split('.');
  if (member === undefined) return 'type';
  if (member.includes('(')) return 'argument';
  const type = schema.getType(typeName);
  if (isEnumType(type)) return 'enum value';
  return isInputObjectType(type) ? 'input field' : 'field';
}
