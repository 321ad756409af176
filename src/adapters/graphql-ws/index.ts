/** The entry `graphql-resource-server/graphql-ws` of the package. */
export type { UpgradeRequest } from './connection-credentials.ts';
export type { WebSocketExtra } from './web-socket-connection.ts';
export type { EnvelopedYoga, MaskError } from './web-socket-operations.ts';
export {
  type WebSocketOptions,
  type WebSocketServerOptions,
  webSocketOptions,
} from './web-socket-options.ts';
