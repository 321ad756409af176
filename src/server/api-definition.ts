import type { IResolvers } from '@graphql-tools/utils';
import type { AuthContext } from '../adapters/yoga/use-auth.ts';
import type { Viewer } from '../authentication/viewer.ts';
import type { Policy } from '../authorization/rules/policies.ts';

/**
 * An API that the server can run: a schema, and what `src/api/index.ts` exports.
 *
 * `Context` is what `createContext` returns. Resolvers and policies get it together with
 * `context.viewer`.
 */
export interface ApiDefinition<Context extends RequestContext = RequestContext> {
  /** The text of `schema.graphql`; several texts are joined. */
  readonly typeDefs: string | string[];
  readonly resolvers:
    | IResolvers<unknown, AuthContext & NoInfer<Context>>
    | IResolvers<unknown, AuthContext & NoInfer<Context>>[];
  /** The policies that `@auth(policy:)` names. Default: none. */
  readonly policies?: Readonly<Record<string, Policy<AuthContext & NoInfer<Context>>>>;
  readonly createContext?: CreateContext<Context>;
  /**
   * Operations for the tabs of GraphiQL, one each. Any that does not fit the schema is skipped, and
   * each root field that no sample selects gets a generated tab. Default: generated tabs only.
   */
  readonly sampleOperations?: readonly string[];
  /** Who can sign in at the local issuer. Default: no one. */
  readonly testUsers?: readonly TestUser[];
}

/** What `createContext` may return: any object. The server sets `viewer` itself. */
export type RequestContext = object & { readonly viewer?: never };

/**
 * Creates what resolvers and policies share during one operation, such as DataLoaders. Called once
 * per operation: for each HTTP request, SSE stream and operation over WebSocket, where `request` has
 * the headers of the upgrade request. Members that the server sets, such as `viewer` and `request`,
 * cannot be overwritten.
 */
export type CreateContext<Context extends RequestContext = RequestContext> = (
  viewer: Viewer,
  request: Request,
) => Context | Promise<Context>;

/** A person whom the local issuer signs in without a password, for development and tests. */
export interface TestUser {
  /** The login name, and the claim `sub`. */
  readonly name: string;
  /**
   * The scopes that this user is granted: a list; `all` that the rules of the schema name; or, of
   * these, the `reading` ones: those with a word such as `read` in them (`read:messages`,
   * `books:read`, `Files.Read.All`), or the first half if there are none.
   */
  readonly scopes: 'all' | 'reading' | readonly string[];
  /** Default: the name, capitalized. */
  readonly displayName?: string;
  /** Default: the name at localhost. */
  readonly email?: string;
}
