import 'reflect-metadata';
import { isEnumType, specifiedDirectives } from 'graphql';
import { authDirective, guardSchema, publicDirective, type Viewer } from 'graphql-resource-server';
import {
  Arg,
  buildSchema,
  Ctx,
  Directive,
  Field,
  ID,
  InputType,
  InterfaceType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  registerEnumType,
} from 'type-graphql';

enum Visibility {
  EVERYONE = 'EVERYONE',
  OWNER = 'OWNER',
}
registerEnumType(Visibility, { name: 'Visibility' });

@InterfaceType('Node', { resolveType: () => 'Note' })
abstract class Node {
  @Field(() => ID, { nullable: true })
  id!: string;

  @Directive('@auth(scope: "audit")')
  @Field(() => String, { nullable: true })
  owner!: string;
}

@Directive('@auth(claims: "tenant")')
@ObjectType('Note', { implements: Node })
class Note extends Node {
  @Field(() => String, { nullable: true })
  text!: string;

  @Field(() => Visibility, { nullable: true })
  visibility!: Visibility;
}

@InputType()
class NoteInput {
  @Field(() => String)
  text!: string;

  @Directive('@auth(scope: "notes:pin")')
  @Field(() => Boolean, { nullable: true })
  pinned?: boolean;
}

const notes: Note[] = [
  { id: '1', text: 'Buy milk', owner: 'ada', visibility: Visibility.EVERYONE },
  { id: '2', text: 'Secret', owner: 'bob', visibility: Visibility.OWNER },
];

interface Context {
  readonly viewer: Viewer;
}

@Resolver()
class NotesResolver {
  @Query(() => String, { nullable: true })
  status() {
    return 'ok';
  }

  @Directive('@auth')
  @Query(() => String, { nullable: true })
  me(@Ctx() { viewer }: Context) {
    return viewer.kind === 'authenticated' ? viewer.subject : null;
  }

  @Directive('@auth(scope: "notes:read")')
  @Query(() => [Note], { nullable: 'itemsAndList' })
  notes(
    @Directive('@auth(scope: "audit")')
    @Arg('owner', () => String, { nullable: true })
    owner?: string,
  ) {
    return notes.filter((note) => !owner || note.owner === owner);
  }

  @Query(() => Node, { nullable: true })
  node(@Arg('id', () => ID) id: string) {
    return notes.find((note) => note.id === id);
  }

  @Directive('@auth(policy: "ada")')
  @Query(() => String, { nullable: true })
  diary() {
    return 'Dear diary';
  }

  @Directive('@auth(scope: "notes:write")')
  @Mutation(() => Note, { nullable: true })
  addNote(@Arg('input', () => NoteInput) input: NoteInput, @Ctx() { viewer }: Context) {
    return {
      id: '3',
      text: input.text,
      owner: viewer.kind === 'authenticated' ? viewer.subject : '',
      visibility: Visibility.EVERYONE,
    };
  }
}

const built = await buildSchema({
  resolvers: [NotesResolver],
  directives: [...specifiedDirectives, authDirective, publicDirective],
  validate: false,
});

// TypeGraphQL has no directives for enum values.
const visibility = built.getType('Visibility');
const owner = isEnumType(visibility) ? visibility.getValue('OWNER') : undefined;
if (!owner) throw new Error('Visibility.OWNER is not in the schema.');
owner.extensions = { directives: { auth: { scope: 'audit' } } };

export const schema = guardSchema(built, {
  policies: { ada: ({ viewer }) => viewer.subject === 'ada' },
});
