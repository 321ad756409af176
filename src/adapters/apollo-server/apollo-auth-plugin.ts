import type { GraphQLResponse } from '@apollo/server';
import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import type { ApolloAuthContext } from './create-apollo-auth.ts';

/**
 * An `ApolloServerPlugin`, described by what it uses. `@apollo/server` declares its types twice, for ES
 * modules and for CommonJS, and its class `HeaderMap` makes the two differ: packages that import the
 * one, such as `@nestjs/apollo`, do not accept a plugin in the types of the other. Both accept this.
 */
export interface ApolloAuthPlugin {
  serverWillStart(service: {
    readonly schema: GraphQLSchema;
    readonly logger: { error(message: string): void };
  }): Promise<void>;
  requestDidStart(requestContext: {
    readonly request: {
      readonly http?: object | undefined;
      readonly operationName?: string | undefined;
      readonly variables?: Readonly<Record<string, unknown>> | undefined;
    };
    readonly contextValue: ApolloAuthContext;
    readonly response: {
      readonly http: { status?: number | undefined; readonly headers: Map<string, string> };
    };
  }): Promise<{
    didResolveOperation(requestContext: {
      readonly schema: GraphQLSchema;
      readonly document: DocumentNode;
      readonly overallCachePolicy: { restrict(hint: { maxAge: number }): void };
    }): Promise<void>;
    executionDidStart(): Promise<
      { executionDidEnd(error: Error | undefined): Promise<void> } | undefined
    >;
    willSendResponse(requestContext: {
      readonly errors?: readonly GraphQLError[] | undefined;
      readonly response: {
        readonly http: { status?: number | undefined; readonly headers: Map<string, string> };
        body: GraphQLResponse['body'];
      };
    }): Promise<void>;
    willSendSubsequentPayload(
      requestContext: unknown,
      payload: { readonly hasNext: boolean },
    ): Promise<void>;
  }>;
}

type Listener = Awaited<ReturnType<ApolloAuthPlugin['requestDidStart']>>;

export type ApolloResponse = Parameters<Listener['willSendResponse']>[0]['response'];

export type ApolloHead = ApolloResponse['http'];
