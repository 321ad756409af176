import { GraphQLError, Lexer, parse, Source, TokenKind } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type DirectPlugin, servedDirectly } from '../adapters/node/direct-plugin.ts';

/** Limits for a document before it is parsed. */
export interface DocumentLimits {
  /** Lexical tokens. Validation can take time quadratic in this. */
  readonly maxTokens: number;
  /** Nested brackets. The parser is recursive. */
  readonly maxDepth: number;
}

/** The limits of this API. */
export const documentLimits: DocumentLimits = { maxTokens: 2000, maxDepth: 100 };

/** Rejects documents beyond the limits before they are parsed. Cached documents are not checked again. */
export function useDocumentLimits(limits: DocumentLimits): Plugin & DirectPlugin {
  return {
    ...servedDirectly,

    onParse({ setParseFn }) {
      setParseFn((text: string | Source) => {
        const source = typeof text === 'string' ? new Source(text) : text;
        checkDocument(source, limits);
        return parse(source);
      });
    },
  };
}

/**
 * Checks the text of a document against limits.
 *
 * @throws {GraphQLError} If it exceeds one, or is not GraphQL.
 */
export function checkDocument(source: Source, { maxTokens, maxDepth }: DocumentLimits): void {
  const lexer = new Lexer(source);
  let tokens = 0;
  let depth = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    tokens += 1;
    if (tokens > maxTokens) {
      throw tooLarge(`The document has more than ${maxTokens} tokens, the maximum of this API.`);
    }
    if (opening.has(token.kind)) depth += 1;
    else if (closing.has(token.kind)) depth -= 1;
    if (depth > maxDepth) {
      throw tooLarge(
        `The document is nested more than ${maxDepth} levels deep, the maximum of this API.`,
      );
    }
  }
}

const opening = new Set<TokenKind>([TokenKind.PAREN_L, TokenKind.BRACKET_L, TokenKind.BRACE_L]);
const closing = new Set<TokenKind>([TokenKind.PAREN_R, TokenKind.BRACKET_R, TokenKind.BRACE_R]);

function tooLarge(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
}
