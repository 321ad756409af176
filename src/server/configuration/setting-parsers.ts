import { isClaimPath } from '../../shared/claim-path.ts';
import { findNearestWord } from '../../shared/edit-distance.ts';
import { quoteValue } from './quote-value.ts';

/** The result of parsing the text of one variable. */
export type Parsed<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

/**
 * Parses the text of one variable, which is never empty. A problem is the rest of a sentence that
 * starts with the variable's name: what is wrong, and what a correct value looks like.
 */
export type Parser<Value> = (text: string) => Parsed<Value>;

/** The text is valid and means `value`. */
export function accept<Value>(value: Value): Parsed<Value> {
  return { kind: 'value', value };
}

/** The text is invalid, for each of these reasons. */
export function reject(...problems: readonly string[]): Parsed<never> {
  return { kind: 'problems', problems };
}

/**
 * A comma-separated list; white space around an entry is ignored. An empty or repeated entry is a
 * problem: it is usually what is left of an entry that was meant to be there.
 */
export function listOf<Entry>(parse: Parser<Entry>): Parser<readonly Entry[]> {
  return (text) => {
    const entries = text.split(',').map((entry) => entry.trim());
    const repeated = entries.filter((entry, index) => entries.indexOf(entry) < index);
    const problems: string[] = [];
    const values: Entry[] = [];
    if (entries.includes('')) problems.push('has an empty entry: remove the extra comma');
    for (const entry of new Set(repeated)) {
      if (entry !== '') problems.push(`lists ${quoteValue(entry)} more than once: keep one`);
    }
    for (const entry of new Set(entries)) {
      if (entry === '') continue;
      const parsed = parse(entry);
      if (parsed.kind === 'value') values.push(parsed.value);
      else problems.push(...parsed.problems);
    }
    return problems.length === 0 ? accept(values) : reject(...problems);
  };
}

/**
 * One word of a closed set, exactly as written. A near miss is never accepted: it could turn on
 * what its author meant to turn off.
 */
export function oneOf<Word extends string>(...words: readonly Word[]): Parser<Word> {
  return (text) => {
    const exact = words.find((word) => word === text);
    if (exact !== undefined) return accept(exact);
    const meant = guess(text.trim().toLowerCase(), words);
    const question = meant === undefined ? '' : `; did you mean ${meant}?`;
    return reject(`${quoteValue(text)} must be ${alternatives(words)}${question}`);
  };
}

function guess(text: string, words: readonly string[]): string | undefined {
  const isAbbreviated = (word: string) =>
    text.length >= 3 && (word.startsWith(text) || text.startsWith(word));
  return (
    words.find((word) => word === text || word === switchWords[text]) ??
    words.find(isAbbreviated) ??
    findNearestWord(text, words, Math.min(2, Math.floor(text.length / 2)))
  );
}

/** What other programs call `on` and `off`. */
const switchWords: Readonly<Record<string, string>> = {
  true: 'on',
  yes: 'on',
  enabled: 'on',
  enable: 'on',
  '1': 'on',
  false: 'off',
  no: 'off',
  none: 'off',
  disabled: 'off',
  disable: 'off',
  '0': 'off',
};

/** `a, b or c`. */
function alternatives(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((part) => part).join(' or ');
}

/** A whole number in plain digits: no sign, exponent, radix, separator or leading zero. */
export function wholeNumber(range: {
  readonly from: number;
  readonly to: number;
  readonly of?: string;
}): Parser<number> {
  const noun = range.of === undefined ? 'a whole number' : `a whole number of ${range.of}`;
  return (text) => {
    const value = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
    return value >= range.from && value <= range.to
      ? accept(value)
      : reject(
          `${quoteValue(text)} must be ${noun} from ${range.from} to ${range.to}, in plain digits`,
        );
  };
}

/** A number from 0 to 1 in plain digits, with at most nine decimals. */
export const fraction: Parser<number> = (text) =>
  /^(?:[01]|[01]?\.\d{1,9})$/.test(text) && Number(text) <= 1
    ? accept(Number(text))
    : reject(`${quoteValue(text)} must be a number from 0 to 1, such as 0.1`);

/** An API's identifier at its issuer: any text without white space and control characters. */
export const audience: Parser<string> = (text) =>
  /[\s\p{C}]/u.test(text)
    ? reject(
        `${quoteValue(text)} must be the identifier of an API without white space, such as https://api.example.com`,
      )
    : accept(text);

/**
 * A claim's name. Challenges repeat it, so it is limited to what `error_description` can contain
 * (RFC 6750 §3), without the space, which is more likely a forgotten comma.
 */
export const claimName: Parser<string> = (text) =>
  /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)
    ? accept(text)
    : reject(
        `${quoteValue(text)} must be a claim name in ASCII, without spaces, quotes or backslashes, such as org_id`,
      );

/** The name of a claim, or a path that leads to a member of one. */
export const claimPath: Parser<string> = (text) =>
  isClaimPath(text) && !/[\s\p{C}]/u.test(text)
    ? accept(text)
    : reject(
        `${quoteValue(text)} must be the name of a claim or a path without white space, such as realm_access.roles`,
      );

/** The path of a file, relative to the current folder. */
export const filePath: Parser<string> = (text) =>
  /\p{C}/u.test(text)
    ? reject(`${quoteValue(text)} must be the path of a file, without control characters`)
    : accept(text);

/** The name of a cookie or a header: a token (RFC 9110 §5.6.2). */
export const httpName =
  (of: string, example: string): Parser<string> =>
  (text) =>
    /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text)
      ? accept(text)
      : reject(`${quoteValue(text)} must be the name of ${of}, such as ${example}`);

/** A client's id or secret (RFC 6749 appendix A.1, A.2). The problem repeats nothing of it. */
export const clientCredential: Parser<string> = (text) =>
  /^[\x21-\x7e]+$/.test(text)
    ? accept(text)
    : reject('must be ASCII without spaces, as copied from the application at the issuer');

/** A random secret. The problem repeats nothing of it. */
export const generatedSecret: Parser<string> = (text) =>
  text.length >= minSecretLength && /^[\x21-\x7e]+$/.test(text)
    ? accept(text)
    : reject(
        `must be at least ${minSecretLength} random ASCII characters, such as the output of openssl rand -hex 32`,
      );

const minSecretLength = 32;
