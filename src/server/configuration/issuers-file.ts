import type { AcceptedTokens, TrustedIssuer } from '../../authentication/issuer/trusted-issuer.ts';
import { findTrustProblems, isIssuerList } from '../../authentication/issuer/trusted-issuers.ts';
import { parseStrictJson } from '../../authentication/token/json.ts';
import { escapeInvisible, quoteValue } from './quote-value.ts';
import { readFileContent } from './read-file.ts';
import type { SettingReader } from './setting-reader.ts';

/**
 * Reads the file that `ISSUERS` names: a JSON list of the issuers, each as in the option `issuers` of
 * `createAuthenticator`. Problems repeat no value of it, because it can contain secrets.
 *
 * @param path relative to the current folder
 * @param defaults for what the issuers leave out
 */
export function readIssuersFile(
  path: string,
  reader: SettingReader,
  defaults: AcceptedTokens,
): readonly TrustedIssuer[] {
  const addProblem = (problem: string): void =>
    reader.addProblem('ISSUERS', `${quoteValue(path)} ${problem}`);
  const content = readFileContent(path, 'a JSON file with a list of issuers');
  if (content.kind === 'missing') {
    addProblem('does not exist: give the path of a JSON file with a list of issuers');
    return [];
  }
  if (content.kind === 'problem') {
    addProblem(content.problem);
    return [];
  }
  let issuers: unknown;
  try {
    issuers = parseStrictJson(content.bytes);
  } catch (error) {
    addProblem(describeSyntaxError(error, content.bytes));
    return [];
  }
  if (!isIssuerList(issuers)) {
    addProblem(
      'must be a JSON list of at least one object, such as [{ "issuer": …, "audience": … }]',
    );
    return [];
  }
  for (const problem of findTrustProblems({ ...defaults, issuers })) {
    addProblem(`is invalid: ${escapeInvisible(problem.replace(/\.$/, ''))}`);
  }
  return issuers;
}

/** Why bytes are not strict JSON. Not the message of the parser, which quotes from the file. */
export function describeSyntaxError(error: unknown, bytes: Uint8Array): string {
  if (!(error instanceof SyntaxError)) return 'is not UTF-8 text: save it in that encoding';
  if (error.message.includes('duplicate')) {
    return 'has an object with two members of one name: keep one of them';
  }
  const [, position] = /at position (\d+)/.exec(error.message) ?? [];
  if (position === undefined) return 'is not valid JSON: fix it';
  const before = new TextDecoder().decode(bytes).slice(0, Number(position));
  return `is not valid JSON: fix line ${before.split('\n').length}`;
}
