import { type ASTNode, BREAK, visit } from 'graphql';

/** Whether any part of a document uses `@defer` or `@stream`, so that its result can be a stream. */
export function usesIncrementalDelivery(document: ASTNode): boolean {
  let found = false;
  visit(document, {
    Directive({ name }) {
      found ||= name.value === 'defer' || name.value === 'stream';
      return found ? BREAK : undefined;
    },
  });
  return found;
}
