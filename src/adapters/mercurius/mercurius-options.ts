import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { MercuriusCommonOptions, MercuriusSchemaOptions } from 'mercurius';
import { checkGateOptions, type GateOptions, gateOptionNames } from '../../gate/gate-options.ts';

/** Options for `guardedMercurius`: those of Mercurius, and those of the gate. */
export interface GuardedMercuriusOptions
  extends GateOptions,
    Omit<MercuriusCommonOptions, 'jit' | 'subscription' | 'defineMutation'>,
    Pick<MercuriusSchemaOptions, 'resolvers' | 'loaders'> {
  /** The result of `guardSchema`. */
  readonly schema: GraphQLSchema;
}

/** Besides those of the gate. */
const own: Readonly<Record<Exclude<keyof GuardedMercuriusOptions, keyof GateOptions>, true>> = {
  schema: true,
  resolvers: true,
  loaders: true,
  context: true,
  path: true,
  prefix: true,
  routes: true,
  graphiql: true,
  ide: true,
  cache: true,
  queryDepth: true,
  validationRules: true,
  graphql: true,
  errorHandler: true,
  errorFormatter: true,
  persistedQueries: true,
  onlyPersisted: true,
  persistedQueryProvider: true,
  allowBatchedQueries: true,
  additionalRouteOptions: true,
  csrfPrevention: true,
};

/** Options of `app.register`, and those that can turn off what is not supported. */
const fromFastify = ['logLevel', 'logSerializers', 'jit', 'subscription'];

/**
 * Rejects wrong, unknown and unsupported options.
 *
 * @throws {TypeError}
 */
export function checkMercuriusOptions(
  app: FastifyInstance,
  options: GuardedMercuriusOptions,
): void {
  if (app.hasDecorator('graphql')) {
    throw new TypeError(
      'guardedMercurius registers Mercurius itself: remove app.register(mercurius), and pass its options to guardedMercurius.',
    );
  }
  if ('jit' in options && options.jit) {
    throw new TypeError(
      'guardedMercurius: the option jit is not supported, because compiled queries do not check the rules of types. Remove it.',
    );
  }
  if ('subscription' in options && options.subscription) {
    throw new TypeError(
      'guardedMercurius: the option subscription is not supported, because subscriptions of Mercurius cannot be refused. Remove it, and use webSocketOptions of graphql-resource-server/graphql-ws.',
    );
  }
  checkGateOptions('guardedMercurius', options, [
    ...gateOptionNames,
    ...Object.keys(own),
    ...fromFastify,
  ]);
}
