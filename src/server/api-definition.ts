import type { IResolvers } from '@graphql-tools/utils';
import type { Plugin } from 'graphql-yoga';
import type { AuthContext } from '../adapters/yoga/auth-options.ts';
import type {
  AuthenticatedContext,
  AuthenticatedViewer,
  Viewer,
} from '../authentication/viewer.ts';
import type { ScopeImplications } from '../authorization/directives/scope-hierarchy.ts';
import type { Policy } from '../authorization/rules/policies.ts';
import type { TokenExchange } from '../token-exchange/token-exchange.ts';

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

/** A Yoga plugin, also one whose types are for another context. */
export type ApiPlugin = Plugin<AuthContext> | object;

/** Resolvers by type and field, for one type of context. */
export type Resolvers<Context> = IResolvers<unknown, Context>;

/** Resolvers that are called once the rules of their fields are met. */
type GuardedResolvers<Added> = Resolvers<AuthenticatedContext<AuthContext & Added>>;

/** Policies by the name that `@auth(policy:)` uses. */
export type Policies<Context> = Readonly<Record<string, Policy<Context>>>;

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
}

/** Makes a `viewer` a type error: it would have no effect. */
type WithoutViewer<Added> = Added & { readonly viewer?: never };

/** The context of resolvers and policies, given `typeof createContext`. */
export type ContextOf<Create extends CreateContext> = AuthContext & Awaited<ReturnType<Create>>;

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
