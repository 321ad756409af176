// Written by npm run codegen from schema.graphql and src/api/messages/messages.graphql. Do not edit it here.
import type { GraphQLResolveInfo } from 'graphql';
import type { Message as StoredMessage } from './message.ts';
import type { MessageList } from './viewer-messages.ts';
import type { Context } from './context.ts';
import type { AuthenticatedContext } from '../../server/api-definition.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
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
  /**
   * Messages that the caller can see, newest first: public ones, and the caller's own. `first` is 1 to 100;
   * `after` is the cursor of an edge, and continues behind it.
   */
  messages?: Maybe<MessageConnection>;
  /** One message. Null if there is none with this ID that the caller can see. */
  message?: Maybe<Message>;
};


/**
 * Fields with different access rules. Guarded fields are nullable on purpose: a denied field is null,
 * and a non-null field would make its parent null as well.
 */
export type QueryMessagesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/**
 * Fields with different access rules. Guarded fields are nullable on purpose: a denied field is null,
 * and a non-null field would make its parent null as well.
 */
export type QueryMessageArgs = {
  id: Scalars['ID']['input'];
};

/**
 * Events over SSE or WebSocket. Access is checked before a subscription starts and at each event; the
 * subscription ends when its access token expires.
 */
export type Subscription = {
  __typename?: 'Subscription';
  /** The current time, at once and then every second. */
  clock?: Maybe<Tick>;
  /** Messages that the caller can see, from now on, as soon as they are posted. */
  messagePosted?: Maybe<Message>;
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

/** Mutations. Each runs completely or not at all: with a denied field, none of its fields run. */
export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Posts a message of 1 to 2,000 characters. With the same `idempotencyKey`, the same author gets the
   * message that was posted first, however often the request is sent.
   */
  postMessage?: Maybe<Message>;
  /**
   * Changes what is sent of a message: its author can, and with `write:messages` everyone who can see it.
   * Null if there is none with this ID that the caller can see.
   */
  editMessage?: Maybe<Message>;
  /** Deletes a message, and returns its ID. Null if there is none with this ID that the caller can see. */
  deleteMessage?: Maybe<Scalars['ID']['output']>;
};


/** Mutations. Each runs completely or not at all: with a denied field, none of its fields run. */
export type MutationPostMessageArgs = {
  text: Scalars['String']['input'];
  visibility?: InputMaybe<MessageVisibility>;
  idempotencyKey?: InputMaybe<Scalars['ID']['input']>;
};


/** Mutations. Each runs completely or not at all: with a denied field, none of its fields run. */
export type MutationEditMessageArgs = {
  id: Scalars['ID']['input'];
  text?: InputMaybe<Scalars['String']['input']>;
  visibility?: InputMaybe<MessageVisibility>;
};


/** Mutations. Each runs completely or not at all: with a denied field, none of its fields run. */
export type MutationDeleteMessageArgs = {
  id: Scalars['ID']['input'];
};

/** Who can see a message. */
export type MessageVisibility =
  /** Everyone who can read messages. */
  | 'PUBLIC'
  /** Its author only. */
  | 'PRIVATE';

/** A message, for those who can see it: everyone else gets the same as if it did not exist. */
export type Message = {
  __typename?: 'Message';
  /** A version 7 UUID. */
  id: Scalars['ID']['output'];
  /** The subject of the author's access token, unique for one issuer. */
  author: Scalars['ID']['output'];
  /** 1 to 2,000 characters, none of them a control character other than line feed and tab. */
  text: Scalars['String']['output'];
  /** Who can see it. */
  visibility: MessageVisibility;
  /** When it was posted, as an ISO 8601 date and time in UTC. */
  postedAt: Scalars['String']['output'];
  /** When it was last changed, as an ISO 8601 date and time in UTC; null if it never was. */
  editedAt?: Maybe<Scalars['String']['output']>;
};

/** A page of messages (Relay connection). */
export type MessageConnection = {
  __typename?: 'MessageConnection';
  /** The messages of this page, with their cursors. */
  edges: Array<MessageEdge>;
  /** Where this page starts and ends. */
  pageInfo: PageInfo;
  /** The number of all messages that the caller can see. */
  totalCount: Scalars['Int']['output'];
};

/** A message, and its position in the list. */
export type MessageEdge = {
  __typename?: 'MessageEdge';
  /** For the argument `after`. */
  cursor: Scalars['String']['output'];
  /** The message; null if access to it was lost meanwhile. */
  node?: Maybe<Message>;
};

/** A page of a list. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** Whether older messages follow. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether there are newer ones. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first edge; null if the page is empty. */
  startCursor?: Maybe<Scalars['String']['output']>;
  /** The cursor of the last edge; null if the page is empty. */
  endCursor?: Maybe<Scalars['String']['output']>;
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
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Tick: ResolverTypeWrapper<Tick>;
  Greeting: ResolverTypeWrapper<Greeting>;
  Viewer: ResolverTypeWrapper<Viewer>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  MessageVisibility: MessageVisibility;
  Message: ResolverTypeWrapper<StoredMessage>;
  MessageConnection: ResolverTypeWrapper<MessageList>;
  MessageEdge: ResolverTypeWrapper<Omit<MessageEdge, 'node'> & { node?: Maybe<ResolversTypes['Message']> }>;
  PageInfo: ResolverTypeWrapper<MessageList>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Query: Record<PropertyKey, never>;
  ID: Scalars['ID']['output'];
  Subscription: Record<PropertyKey, never>;
  Tick: Tick;
  Greeting: Greeting;
  Viewer: Viewer;
  Mutation: Record<PropertyKey, never>;
  Message: StoredMessage;
  MessageConnection: MessageList;
  MessageEdge: Omit<MessageEdge, 'node'> & { node?: Maybe<ResolversParentTypes['Message']> };
  PageInfo: MessageList;
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
  messages?: Resolver<Maybe<ResolversTypes['MessageConnection']>, ParentType, AuthenticatedContext<ContextType>, RequireFields<QueryMessagesArgs, 'first'>>;
  message?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, AuthenticatedContext<ContextType>, RequireFields<QueryMessageArgs, 'id'>>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  clock?: SubscriptionResolver<Maybe<ResolversTypes['Tick']>, "clock", ParentType, AuthenticatedContext<ContextType>>;
  messagePosted?: SubscriptionResolver<Maybe<ResolversTypes['Message']>, "messagePosted", ParentType, AuthenticatedContext<ContextType>>;
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

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  postMessage?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, AuthenticatedContext<ContextType>, RequireFields<MutationPostMessageArgs, 'text' | 'visibility'>>;
  editMessage?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, AuthenticatedContext<ContextType>, RequireFields<MutationEditMessageArgs, 'id'>>;
  deleteMessage?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, AuthenticatedContext<ContextType>, RequireFields<MutationDeleteMessageArgs, 'id'>>;
};

export type MessageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Message'] = ResolversParentTypes['Message']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  author?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  visibility?: Resolver<ResolversTypes['MessageVisibility'], ParentType, ContextType>;
  postedAt?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  editedAt?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type MessageConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageConnection'] = ResolversParentTypes['MessageConnection']> = {
  edges?: Resolver<Array<ResolversTypes['MessageEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type MessageEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageEdge'] = ResolversParentTypes['MessageEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  Query?: QueryResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Tick?: TickResolvers<ContextType>;
  Greeting?: GreetingResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Message?: MessageResolvers<ContextType>;
  MessageConnection?: MessageConnectionResolvers<ContextType>;
  MessageEdge?: MessageEdgeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  auth?: AuthDirectiveResolver<any, any, ContextType>;
  public?: PublicDirectiveResolver<any, any, ContextType>;
  cost?: CostDirectiveResolver<any, any, ContextType>;
  listSize?: ListSizeDirectiveResolver<any, any, ContextType>;
};
