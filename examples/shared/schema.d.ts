/* eslint-disable */
/* prettier-ignore */

export type introspection_types = {
    'Boolean': unknown;
    'Greeting': { kind: 'OBJECT'; name: 'Greeting'; fields: { 'message': { name: 'message'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'String'; ofType: null; }; } }; 'subject': { name: 'subject'; type: { kind: 'SCALAR'; name: 'ID'; ofType: null; } }; }; };
    'ID': unknown;
    'Int': unknown;
    'Message': { kind: 'OBJECT'; name: 'Message'; fields: { 'author': { name: 'author'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'ID'; ofType: null; }; } }; 'editedAt': { name: 'editedAt'; type: { kind: 'SCALAR'; name: 'String'; ofType: null; } }; 'id': { name: 'id'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'ID'; ofType: null; }; } }; 'postedAt': { name: 'postedAt'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'String'; ofType: null; }; } }; 'text': { name: 'text'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'String'; ofType: null; }; } }; 'visibility': { name: 'visibility'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'ENUM'; name: 'MessageVisibility'; ofType: null; }; } }; }; };
    'MessageConnection': { kind: 'OBJECT'; name: 'MessageConnection'; fields: { 'edges': { name: 'edges'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'LIST'; name: never; ofType: { kind: 'NON_NULL'; name: never; ofType: { kind: 'OBJECT'; name: 'MessageEdge'; ofType: null; }; }; }; } }; 'pageInfo': { name: 'pageInfo'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'OBJECT'; name: 'PageInfo'; ofType: null; }; } }; 'totalCount': { name: 'totalCount'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'Int'; ofType: null; }; } }; }; };
    'MessageEdge': { kind: 'OBJECT'; name: 'MessageEdge'; fields: { 'cursor': { name: 'cursor'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'String'; ofType: null; }; } }; 'node': { name: 'node'; type: { kind: 'OBJECT'; name: 'Message'; ofType: null; } }; }; };
    'MessageVisibility': { name: 'MessageVisibility'; enumValues: 'PUBLIC' | 'PRIVATE'; };
    'Mutation': { kind: 'OBJECT'; name: 'Mutation'; fields: { 'deleteMessage': { name: 'deleteMessage'; type: { kind: 'SCALAR'; name: 'ID'; ofType: null; } }; 'editMessage': { name: 'editMessage'; type: { kind: 'OBJECT'; name: 'Message'; ofType: null; } }; 'postMessage': { name: 'postMessage'; type: { kind: 'OBJECT'; name: 'Message'; ofType: null; } }; }; };
    'PageInfo': { kind: 'OBJECT'; name: 'PageInfo'; fields: { 'endCursor': { name: 'endCursor'; type: { kind: 'SCALAR'; name: 'String'; ofType: null; } }; 'hasNextPage': { name: 'hasNextPage'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'Boolean'; ofType: null; }; } }; 'hasPreviousPage': { name: 'hasPreviousPage'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'Boolean'; ofType: null; }; } }; 'startCursor': { name: 'startCursor'; type: { kind: 'SCALAR'; name: 'String'; ofType: null; } }; }; };
    'Query': { kind: 'OBJECT'; name: 'Query'; fields: { 'admin': { name: 'admin'; type: { kind: 'OBJECT'; name: 'Greeting'; ofType: null; } }; 'message': { name: 'message'; type: { kind: 'OBJECT'; name: 'Message'; ofType: null; } }; 'messages': { name: 'messages'; type: { kind: 'OBJECT'; name: 'MessageConnection'; ofType: null; } }; 'private': { name: 'private'; type: { kind: 'OBJECT'; name: 'Greeting'; ofType: null; } }; 'privateScoped': { name: 'privateScoped'; type: { kind: 'OBJECT'; name: 'Greeting'; ofType: null; } }; 'public': { name: 'public'; type: { kind: 'OBJECT'; name: 'Greeting'; ofType: null; } }; 'viewer': { name: 'viewer'; type: { kind: 'OBJECT'; name: 'Viewer'; ofType: null; } }; }; };
    'String': unknown;
    'Subscription': { kind: 'OBJECT'; name: 'Subscription'; fields: { 'clock': { name: 'clock'; type: { kind: 'OBJECT'; name: 'Tick'; ofType: null; } }; 'messagePosted': { name: 'messagePosted'; type: { kind: 'OBJECT'; name: 'Message'; ofType: null; } }; }; };
    'Tick': { kind: 'OBJECT'; name: 'Tick'; fields: { 'time': { name: 'time'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'String'; ofType: null; }; } }; 'tokenEndsIn': { name: 'tokenEndsIn'; type: { kind: 'SCALAR'; name: 'Int'; ofType: null; } }; }; };
    'Viewer': { kind: 'OBJECT'; name: 'Viewer'; fields: { 'expiresAt': { name: 'expiresAt'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'String'; ofType: null; }; } }; 'scopes': { name: 'scopes'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'LIST'; name: never; ofType: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'String'; ofType: null; }; }; }; } }; 'subject': { name: 'subject'; type: { kind: 'NON_NULL'; name: never; ofType: { kind: 'SCALAR'; name: 'ID'; ofType: null; }; } }; }; };
};

/** An IntrospectionQuery representation of your schema.
 *
 * @remarks
 * This is an introspection of your schema saved as a file by GraphQLSP.
 * It will automatically be used by `gql.tada` to infer the types of your GraphQL documents.
 * If you need to reuse this data or update your `scalars`, update `tadaOutputLocation` to
 * instead save to a .ts instead of a .d.ts file.
 */
export type introspection = {
  name: never;
  query: 'Query';
  mutation: 'Mutation';
  subscription: 'Subscription';
  types: introspection_types;
};

import * as gqlTada from 'gql.tada';

declare module 'gql.tada' {
  interface setupSchema {
    introspection: introspection
  }
}