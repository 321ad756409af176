import type { IResolvers } from '@graphql-tools/utils';
import type { Plugin } from 'graphql-yoga';
import type { AuthContext } from '../adapters/yoga/auth-options.ts';
import type {
  AuthenticatedContext,
  AuthenticatedViewer,
  Viewer,
} from '../authentication/viewer.ts';
import type { ScopeImplications } from '../authorization/directives/scope-hierarchy.ts';
import type { Filters } from '../authorization/rules/filter-policies.ts';
import type { PolicyDefinition } from '../authorization/rules/policy-definition.ts';
import type { Database } from '../database/database.ts';
import type { Migrations } from '../database/migrations.ts';
import type { TokenExchange } from '../token-exchange/token-exchange.ts';
import type { Events } from './events.ts';

export type { AuthenticatedContext, AuthenticatedViewer, Viewer };

/**
 * An API that the server can run: a schema, and what `src/api/index.ts` exports.
 *
 * `Added` is what `createContext` returns. Resolvers and policies get it in their context, besides
 * `viewer`.
 */
export interface ApiDefinition<Added extends object = object> {
  /** The text of `schema.graphql`; several texts are joined. */
  readonly typeDefs: string | readonly string[];
  /** Those of fields with `@auth` can rely on an authenticated viewer, as generated types do. */
  readonly resolvers:
    | GuardedResolvers<NoInfer<Added>>
    | readonly GuardedResolvers<NoInfer<Added>>[];
  /** The policies that `@auth(policy:)` names. Default: none. */
  readonly policies?: Policies<AuthContext & NoInfer<Added>>;
  /** Scopes that imply others: `{ 'admin:write': ['read:messages'] }`. Default: none. */
  readonly scopeHierarchy?: ScopeImplications;
  /** Default: adds nothing. */
  readonly createContext?: CreateContext<Added>;
  /** Resources with files of their own. Default: none. */
  readonly modules?: readonly AnyApiModule[];
  /**
   * Yoga plugins, which run after the API's own. With any plugin, every request goes through Yoga,
   * which costs several times as much as without. Default: none.
   */
  readonly plugins?: readonly ApiPlugin[];
  /**
   * Operations for the tabs of GraphiQL, one each. Any that does not fit the schema is skipped, and
   * each root field that no sample selects gets a generated tab. Default: generated tabs only.
   */
  readonly sampleOperations?: readonly string[];
  /** Who can sign in at the local issuer. Default: no one. */
  readonly testUsers?: readonly TestUser[];
}

/**
 * A part of an API that can be removed: what one resource adds. `Added` is what its `createContext`
 * returns, for its own resolvers and policies.
 */
export interface ApiModule<Added extends object = object> {
  /** Its types, and `extend type Query`: the text of a `.graphql` file beside the code. */
  readonly typeDefs: string;
  readonly resolvers: GuardedResolvers<NoInfer<Added>>;
  /** Names must differ from those of other modules. Default: none. */
  readonly policies?: Policies<AuthContext & NoInfer<Added>>;
  /**
   * Default: adds nothing. Names must differ from those of other modules. Called for every operation, so
   * it must be cheap: it can query nothing.
   */
  readonly createContext?: CreateContext<Added>;
  /** Further tabs of GraphiQL. Default: generated ones only. */
  readonly sampleOperations?: readonly string[];
  /** Changes of the database. With any, `createContext` gets a database. Default: none. */
  readonly migrations?: Migrations;
}

/** A module, whatever it adds to the context. */
export type AnyApiModule = Omit<ApiModule, 'resolvers' | 'policies'> & {
  readonly resolvers: Resolvers<never>;
  readonly policies?: Policies<never>;
};

/** A Yoga plugin, also one whose types are for another context. */
export type ApiPlugin = Plugin<AuthContext> | object;

/** Resolvers by type and field, for one type of context. */
export type Resolvers<Context> = IResolvers<unknown, Context>;

/** Resolvers that are called once the rules of their fields are met. */
type GuardedResolvers<Added> = Resolvers<AuthenticatedContext<AuthContext & AnyFilters & Added>>;

/** Fits every `Filters`: which policies there are is known where resolvers are written. */
interface AnyFilters {
  readonly filter: (name: string) => never;
}

/** Policies by the name that `@auth(policy:)` uses. */
export type Policies<Context> = Readonly<Record<string, PolicyDefinition<Context>>>;

/**
 * Creates what the resolvers and policies of one operation share, such as DataLoaders. Called once
 * per operation, over HTTP, SSE and WebSocket, before its rules are checked; over WebSocket `request`
 * has the headers of the upgrade request. What the server itself puts on the context, such as
 * `viewer` and `request`, cannot be replaced.
 */
export type CreateContext<Added extends object = object> = (
  viewer: Viewer,
  request: Request,
  services: ContextServices,
) => WithoutViewer<Added> | Promise<WithoutViewer<Added>>;

/** What the server has for `createContext`. */
export interface ContextServices {
  /**
   * Gets a token for calling another API on behalf of the viewer. Undefined without the setting
   * TOKEN_EXCHANGE_CLIENT_ID.
   */
  readonly exchangeToken?: TokenExchange['exchangeToken'];
  /** Undefined if no module has migrations. */
  readonly database?: Database;
  /** Passes events from mutations to subscriptions: with REDIS_URL, at all instances. */
  readonly events: Events;
}

/** Makes a `viewer` a type error: it would have no effect. */
type WithoutViewer<Added> = Added & { readonly viewer?: never };

/**
 * The context of resolvers and policies, given `typeof createContext` and, for `context.filter`, the type of
 * the filter policies: their own context is the one without.
 */
export type ContextOf<Create extends CreateContext, FilterPolicies = never> = AuthContext &
  Awaited<ReturnType<Create>> &
  ([FilterPolicies] extends [never] ? unknown : Filters<FilterPolicies>);

/** A person whom the local issuer signs in without a password, for development and tests. */
export interface TestUser {
  /** The login name, and the claim `sub`. */
  readonly name: string;
  /**
   * The scopes that this user is granted: a list, `all` that the schema's rules name, or the
   * `reading` ones among those: the scopes with a word such as `read` in them (`read:messages`,
   * `books:read`, `Files.Read.All`), or the first half if there are none.
   */
  readonly scopes: 'all' | 'reading' | readonly string[];
  /** Default: the name, capitalized. */
  readonly displayName?: string;
  /** Default: the name at localhost. */
  readonly email?: string;
}
