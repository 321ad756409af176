import { GraphQLError, Lexer, parse, Source, TokenKind } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** What a document may cost before it is understood. */
export interface DocumentLimits {
  /** Tokens, as GraphQL counts them. Validation takes up to the square of this. */
  readonly maxTokens: number;
  /** Brackets within brackets. The parser takes stack for each. */
  readonly maxDepth: number;
}

/** Refuses oversized documents before they are parsed. Documents known already are not looked at again. */
export function useDocumentLimits(limits: DocumentLimits): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((text: string | Source) => {
        const source = typeof text === 'string' ? new Source(text) : text;
        checkDocument(source, limits);
        return parse(source);
      });
    },
  };
}

function checkDocument(source: Source, { maxTokens, maxDepth }: DocumentLimits): void {
  const lexer = new Lexer(source);
  let tokens = 0;
  let depth = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    tokens += 1;
    if (tokens > maxTokens) {
      throw tooLarge(
        `The document has more than ${maxTokens} tokens, which is the most this API takes.`,
      );
    }
    if (opening.has(token.kind)) depth += 1;
    else if (closing.has(token.kind)) depth -= 1;
    if (depth > maxDepth) {
      throw tooLarge(
        `The document nests more than ${maxDepth} levels deep, which is the most this API takes.`,
      );
    }
  }
}

const opening = new Set<TokenKind>([TokenKind.PAREN_L, TokenKind.BRACKET_L, TokenKind.BRACE_L]);
const closing = new Set<TokenKind>([TokenKind.PAREN_R, TokenKind.BRACKET_R, TokenKind.BRACE_R]);

function tooLarge(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
}
