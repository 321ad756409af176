import {
  Args,
  Context,
  Directive,
  Field,
  Int,
  InterfaceType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import type { Policy, Viewer } from 'graphql-resource-server';

@ObjectType()
class Book {
  @Field(() => String)
  title!: string;

  @Field(() => Book, { nullable: true })
  sequel?: Book;

  @Directive('@auth(scope: "read:notes")')
  @Field(() => String, { nullable: true })
  notes!: string | null;
}

@InterfaceType({ resolveType: ({ isSecret }) => (isSecret ? SecretItem : OpenItem) })
abstract class Item {
  @Field(() => String)
  name!: string;
}

@ObjectType({ implements: () => Item })
class OpenItem extends Item {}

@Directive('@auth(scope: "read:secrets")')
@ObjectType({ implements: () => Item })
class SecretItem extends Item {}

async function* countDown() {
  yield 2;
  yield 1;
}

const resolve = (count: number) => count;

/** The same schema as `schema.js` of the other servers, first in code. */
@Resolver()
export class Resolvers {
  private mutationCount = 0;

  @Query(() => String, { nullable: true })
  public() {
    return 'public';
  }

  @Directive('@auth')
  @Query(() => String, { nullable: true })
  private() {
    return 'private';
  }

  @Directive('@auth(scope: "read:messages")')
  @Query(() => String, { nullable: true })
  scoped() {
    return 'scoped';
  }

  @Directive('@auth(scope: ["read:reports write:reports", "admin:reports admin:all"])')
  @Query(() => String, { nullable: true })
  eitherScope() {
    return 'either scope';
  }

  @Directive('@auth(claims: "org_id")')
  @Query(() => String, { nullable: true })
  claimed() {
    return 'claimed';
  }

  @Directive('@auth(policy: "isOwnRoom")')
  @Query(() => String, { nullable: true })
  allowedByPolicy(@Args('room', { type: () => String }) _room: string) {
    return 'allowed by a policy';
  }

  @Directive('@auth(acr: "strong", maxAge: 300)')
  @Query(() => String, { nullable: true })
  steppedUp() {
    return 'stepped up';
  }

  @Directive('@auth')
  @Query(() => String, { nullable: true })
  subject(@Context('viewer') viewer: Viewer) {
    return viewer.kind === 'authenticated' ? viewer.subject : null;
  }

  @Query(() => [Book])
  books() {
    return [
      { title: 'Emma', notes: 'Lent to Ann.' },
      { title: 'Persuasion', notes: null },
    ];
  }

  @Query(() => [Item], { nullable: 'itemsAndList' })
  items() {
    return [
      { isSecret: false, name: 'lamp' },
      { isSecret: true, name: 'key' },
    ];
  }

  @Query(() => Int, { name: 'mutationCount' })
  getMutationCount() {
    return this.mutationCount;
  }

  @Mutation(() => Int, { nullable: true })
  addOpenly() {
    this.mutationCount += 1;
    return this.mutationCount;
  }

  @Directive('@auth(scope: "write:messages")')
  @Mutation(() => Int, { nullable: true })
  add() {
    return this.addOpenly();
  }

  @Directive('@auth(policy: "isOwnRoom")')
  @Mutation(() => Int, { nullable: true })
  addToRoom(@Args('room', { type: () => String }) _room: string) {
    return this.addOpenly();
  }

  @Subscription(() => Int, { nullable: true, resolve })
  countdown() {
    return countDown();
  }

  @Directive('@auth')
  @Subscription(() => Int, { nullable: true, resolve })
  privateCountdown() {
    return countDown();
  }
}

export const policies: Record<string, Policy> = {
  isOwnRoom: ({ viewer, args }) => viewer.claims['room'] === args['room'],
};
