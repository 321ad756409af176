import type { DocumentNode, GraphQLSchema } from 'graphql';

/** The method by which a Yoga plugin says that the direct listener does not need it. */
export const isServedDirectly = Symbol('isServedDirectly');

/**
 * A Yoga plugin whose work the direct listener does itself, or does not need. A plugin without this
 * method may have to see every request: together with one, everything goes through Yoga.
 */
export interface DirectPlugin {
  /**
   * Whether operations of a valid document get the same response without the plugin. Called once,
   * when the document is prepared.
   */
  [isServedDirectly](document: DocumentNode, schema: GraphQLSchema): boolean;
}

/** The method of plugins that no document needs. */
export const servedDirectly: DirectPlugin = { [isServedDirectly]: () => true };

/** The plugins, if the direct listener can do without each of them. */
export function findDirectPlugins(plugins: readonly object[]): readonly DirectPlugin[] | undefined {
  return plugins.every(isDirectPlugin) ? plugins : undefined;
}

function isDirectPlugin(plugin: object): plugin is DirectPlugin {
  return isServedDirectly in plugin && typeof plugin[isServedDirectly] === 'function';
}
