import type { GraphQLResponse } from '@apollo/server';
import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import type { ApolloAuthContext } from './create-apollo-auth.ts';

/*
 * What the plugin uses of Apollo's types. `@apollo/server` declares them twice, for ES modules and for
 * CommonJS, and its class `HeaderMap` makes the two differ: a plugin in the types of one is not accepted
 * by packages that import the other, such as `@nestjs/apollo`. Both can be assigned to these.
 */

export interface ApolloHead {
  status?: number | undefined;
  readonly headers: Map<string, string>;
}

export interface ApolloResponse {
  readonly http: ApolloHead;
  body: GraphQLResponse['body'];
}

interface ApolloRequest {
  readonly request: {
    readonly http?: object | undefined;
    readonly operationName?: string | undefined;
    readonly variables?: Readonly<Record<string, unknown>> | undefined;
  };
  readonly contextValue: ApolloAuthContext;
  readonly response: { readonly http: ApolloHead };
}

interface ApolloOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly overallCachePolicy: { restrict(hint: { maxAge: number }): void };
}

interface ApolloRequestListener {
  didResolveOperation(requestContext: ApolloOperation): Promise<void>;
  executionDidStart(): Promise<void>;
  willSendResponse(requestContext: {
    readonly errors?: readonly GraphQLError[] | undefined;
    readonly response: ApolloResponse;
  }): Promise<void>;
  willSendSubsequentPayload(
    requestContext: unknown,
    payload: { readonly hasNext: boolean },
  ): Promise<void>;
}

/** An `ApolloServerPlugin`, for ES modules and for CommonJS. */
export interface ApolloAuthPlugin {
  serverWillStart(service: {
    readonly schema: GraphQLSchema;
    readonly logger: { error(message: string): void };
  }): Promise<void>;
  requestDidStart(requestContext: ApolloRequest): Promise<ApolloRequestListener>;
}
