import { type DocumentNode, type GraphQLSchema, Kind, OperationTypeNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { usesIncrementalDelivery } from '../../streams/incremental-delivery.ts';
import { type DirectPlugin, isServedDirectly } from './direct-plugin.ts';

/**
 * The documents that the direct listener serves, by their text: parsed and found valid by Yoga, without
 * subscriptions and incremental delivery. Keeps those that were used most recently.
 */
export class PreparedOperations {
  readonly #plugins: readonly DirectPlugin[];
  readonly #documents = new LRUCache<string, DocumentNode>({
    max: 1_000,
    // A parsed document is about fifty times as large as its text.
    maxSize: 1_000_000,
    sizeCalculation: (_, text) => text.length,
  });

  /** @param plugins Every plugin that the listener leaves out. */
  constructor(plugins: readonly DirectPlugin[]) {
    this.#plugins = plugins;
  }

  get(text: string): DocumentNode | undefined {
    return this.#documents.get(text);
  }

  /** Adds a valid document, unless only Yoga can serve it. */
  add(text: string, document: DocumentNode, schema: GraphQLSchema): void {
    if (this.#documents.has(text) || !text) return;
    const isServed =
      document.definitions.every(
        (definition) =>
          definition.kind !== Kind.OPERATION_DEFINITION ||
          definition.operation !== OperationTypeNode.SUBSCRIPTION,
      ) &&
      !usesIncrementalDelivery(document) &&
      this.#plugins.every((plugin) => plugin[isServedDirectly](document, schema));
    if (isServed) this.#documents.set(text, document);
  }
}
