/** The entry `graphql-resource-server/token-exchange` of the package: calls to other APIs for a viewer. */
export type { ExchangeTarget } from './exchange-parameters.ts';
export type { ExchangedToken, OnwardRequest } from './exchanged-token.ts';
export {
  createTokenExchange,
  type SubjectToken,
  type TokenExchange,
} from './token-exchange.ts';
export {
  TokenEndpointError,
  type TokenEndpointErrorOptions,
  TokenExchangeError,
  type TokenExchangeErrorCode,
} from './token-exchange-error.ts';
export type { TokenExchangeOptions } from './token-exchange-options.ts';
