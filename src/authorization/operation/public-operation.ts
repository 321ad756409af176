import {
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isIntrospectionType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { isProtected } from '../rules/schema-rules.ts';
import { guardOf } from './guard.ts';

/**
 * Whether no rule applies to anything that a document selects, supplies or could return: then rules do
 * not make its result depend on the viewer. False if in doubt.
 *
 * @throws {TypeError} If the schema is not the result of `guardSchema`.
 */
export function isPublicOperation(guarded: GraphQLSchema, document: DocumentNode): boolean {
  const { rules } = guardOf(guarded);
  const typeInfo = new TypeInfo(guarded);
  let isPublic = true;

  const possibleTypes = (type: GraphQLCompositeType): readonly GraphQLCompositeType[] =>
    isAbstractType(type) ? [type, ...guarded.getPossibleTypes(type)] : [type];

  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      SelectionSet() {
        const type = typeInfo.getParentType();
        isPublic &&=
          type != null && possibleTypes(type).every(({ name }) => rules.type(name).length === 0);
      },
      Field({ name }) {
        const parent = typeInfo.getParentType();
        const returned = getNamedType(typeInfo.getType());
        isPublic &&=
          parent != null &&
          returned != null &&
          // Introspection can depend on the viewer.
          !isIntrospectionType(returned) &&
          possibleTypes(parent).every((type) => !isProtected(rules.field(type.name, name.value))) &&
          (isCompositeType(returned) || rules.type(returned.name).length === 0) &&
          !(isEnumType(returned) && rules.enumValues(returned) !== undefined);
      },
    }),
  );
  return isPublic;
}
