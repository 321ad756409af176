/** The entry `graphql-resource-server/graphql-ws` of the package. */
export type { Executor } from '../../gate/operation-runner.ts';
export type { UpgradeRequest } from './connection-credentials.ts';
export type { WebSocketExtra } from './web-socket-connection.ts';
export type { EnvelopedFunctions, EnvelopedYoga, MaskError } from './web-socket-operations.ts';
export {
  type CommonWebSocketOptions,
  type SchemaWebSocketOptions,
  type WebSocketOptions,
  type WebSocketServerOptions,
  webSocketOptions,
  type YogaWebSocketOptions,
} from './web-socket-options.ts';
