import { accept, type Parser, refuse } from './setting-parser.ts';
import { show } from './setting-text.ts';

/** An API's identifier at its issuer: any text without white space and control characters. */
export const audience: Parser<string> = (text) =>
  /[\s\p{C}]/u.test(text)
    ? refuse(
        `${show(text)} must be the identifier of an API without white space, such as https://api.example.com`,
      )
    : accept(text);

/**
 * A claim's name. Refusals name it in a quoted header field, so it holds what RFC 6750 §3 lets
 * `error_description` hold; a space would rather be a forgotten comma.
 */
export const claimName: Parser<string> = (text) =>
  /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)
    ? accept(text)
    : refuse(
        `${show(text)} must be the name of a claim in plain letters, without spaces, quotes and backslashes, such as org_id`,
      );

/** A client's id or secret (RFC 6749 appendix A.1, A.2). Its fault repeats nothing of it. */
export const clientCredential: Parser<string> = (text) =>
  /^[\x21-\x7e]+$/.test(text)
    ? accept(text)
    : refuse('must be one word of plain characters, copied from the application at the issuer');
