// Prints the access table of a schema of TypeGraphQL some of whose directives are where it drops them, as JSON.
import 'reflect-metadata';
import { specifiedDirectives } from 'graphql';
import { accessRules, authDirective, guardSchema, publicDirective } from 'graphql-resource-server';
import {
  buildSchema,
  Directive,
  Field,
  FieldResolver,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';

@Directive('@auth(scope: "a")')
@ObjectType()
class Note {
  @Field(() => String)
  text!: string;
}

@ObjectType()
class Memo extends Note {
  @Field(() => String)
  both!: string;

  @Directive('@auth(scope: "a")')
  @Field(() => String)
  field!: string;
}

@Resolver(() => Memo)
class MemoResolver {
  @Query(() => Memo, { nullable: true })
  memo(): Memo | undefined {
    return undefined;
  }

  @Directive('@auth(scope: "a")')
  @FieldResolver(() => String)
  both(): string {
    return '';
  }

  @Directive('@auth(scope: "b")')
  @FieldResolver(() => String)
  field(): string {
    return '';
  }

  @Directive('@auth(scope: "a")')
  @FieldResolver(() => String)
  resolver(): string {
    return '';
  }
}

const schema = await buildSchema({
  resolvers: [MemoResolver],
  directives: [...specifiedDirectives, authDirective, publicDirective],
  validate: false,
});
const rows = accessRules(guardSchema(schema)).map(({ coordinate, access, ...rule }) => [
  coordinate,
  'scope' in rule ? rule.scope : access,
]);
console.log(JSON.stringify(Object.fromEntries(rows)));
