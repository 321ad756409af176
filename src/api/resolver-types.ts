// Written by npm run codegen from schema.graphql. Do not edit it here.
import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from './context.ts';
import type { AuthenticatedContext } from '../server/api-definition.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
};

/**
 * Fields with different access rules. Guarded fields are nullable on purpose: a denied field is null,
 * and a non-null field would make its parent null as well.
 */
export type Query = {
  __typename?: 'Query';
  /** For anyone, with or without an access token. */
  public?: Maybe<Greeting>;
  /** For any authenticated client: with any access token that this API accepts. */
  private?: Maybe<Greeting>;
  /** Requires the scope `read:messages`. */
  privateScoped?: Maybe<Greeting>;
  /** Requires the scope `admin:write`. */
  admin?: Maybe<Greeting>;
  /** The caller, as described by the access token. */
  viewer?: Maybe<Viewer>;
};

/**
 * Events over SSE or WebSocket. Access is checked before a subscription starts and at each event; the
 * subscription ends when its access token expires.
 */
export type Subscription = {
  __typename?: 'Subscription';
  /** The current time, at once and then every second. */
  clock?: Maybe<Tick>;
};

/** A tick of the clock. */
export type Tick = {
  __typename?: 'Tick';
  /** The time, as an ISO 8601 date and time in UTC. */
  time: Scalars['String']['output'];
  /** Seconds until the access token expires, and the subscription ends. */
  tokenEndsIn?: Maybe<Scalars['Int']['output']>;
};

/** A message, and its reader. */
export type Greeting = {
  __typename?: 'Greeting';
  /** The message itself. */
  message: Scalars['String']['output'];
  /** The subject of the access token; null without one. */
  subject?: Maybe<Scalars['ID']['output']>;
};

/** The caller. */
export type Viewer = {
  __typename?: 'Viewer';
  /** The token's `sub`: a user, or a machine client. */
  subject: Scalars['ID']['output'];
  /** What the token permits, from its claims `scope`, `scp` and `permissions`, in alphabetical order. */
  scopes: Array<Scalars['String']['output']>;
  /** When the token expires, as an ISO 8601 date and time in UTC. */
  expiresAt: Scalars['String']['output'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Tick: ResolverTypeWrapper<Tick>;
  Greeting: ResolverTypeWrapper<Greeting>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Viewer: ResolverTypeWrapper<Viewer>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Query: Record<PropertyKey, never>;
  Subscription: Record<PropertyKey, never>;
  Tick: Tick;
  Greeting: Greeting;
  ID: Scalars['ID']['output'];
  Viewer: Viewer;
  String: Scalars['String']['output'];
  Int: Scalars['Int']['output'];
  Boolean: Scalars['Boolean']['output'];
};

export type AuthDirectiveArgs = {
  scope?: Maybe<Array<Scalars['String']['input']>>;
  claims?: Maybe<Array<Scalars['String']['input']>>;
  policy?: Maybe<Array<Scalars['String']['input']>>;
  acr?: Maybe<Array<Scalars['String']['input']>>;
  maxAge?: Maybe<Scalars['Int']['input']>;
};

export type AuthDirectiveResolver<Result, Parent, ContextType = Context, Args = AuthDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type PublicDirectiveArgs = { };

export type PublicDirectiveResolver<Result, Parent, ContextType = Context, Args = PublicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type CostDirectiveArgs = {
  weight: Scalars['String']['input'];
};

export type CostDirectiveResolver<Result, Parent, ContextType = Context, Args = CostDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ListSizeDirectiveArgs = {
  assumedSize?: Maybe<Scalars['Int']['input']>;
  slicingArguments?: Maybe<Array<Scalars['String']['input']>>;
  sizedFields?: Maybe<Array<Scalars['String']['input']>>;
  requireOneSlicingArgument?: Maybe<Scalars['Boolean']['input']>;
};

export type ListSizeDirectiveResolver<Result, Parent, ContextType = Context, Args = ListSizeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  public?: Resolver<Maybe<ResolversTypes['Greeting']>, ParentType, ContextType>;
  private?: Resolver<Maybe<ResolversTypes['Greeting']>, ParentType, AuthenticatedContext<ContextType>>;
  privateScoped?: Resolver<Maybe<ResolversTypes['Greeting']>, ParentType, AuthenticatedContext<ContextType>>;
  admin?: Resolver<Maybe<ResolversTypes['Greeting']>, ParentType, AuthenticatedContext<ContextType>>;
  viewer?: Resolver<Maybe<ResolversTypes['Viewer']>, ParentType, AuthenticatedContext<ContextType>>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  clock?: SubscriptionResolver<Maybe<ResolversTypes['Tick']>, "clock", ParentType, AuthenticatedContext<ContextType>>;
};

export type TickResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Tick'] = ResolversParentTypes['Tick']> = {
  time?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  tokenEndsIn?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type GreetingResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Greeting'] = ResolversParentTypes['Greeting']> = {
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  subject?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  subject?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  scopes?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  Query?: QueryResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Tick?: TickResolvers<ContextType>;
  Greeting?: GreetingResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  auth?: AuthDirectiveResolver<any, any, ContextType>;
  public?: PublicDirectiveResolver<any, any, ContextType>;
  cost?: CostDirectiveResolver<any, any, ContextType>;
  listSize?: ListSizeDirectiveResolver<any, any, ContextType>;
};
