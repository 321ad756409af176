import type { AcceptedTokens, TrustedIssuer } from '../../authentication/issuer/trusted-issuer.ts';
import { findTrustProblems, isIssuerList } from '../../authentication/issuer/trusted-issuers.ts';
import { escapeInvisible, quoteValue } from './quote-value.ts';
import { readJsonFile } from './read-file.ts';
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
  const content = readJsonFile(path, 'a JSON file with a list of issuers');
  if (content.kind === 'missing') {
    addProblem('does not exist: give the path of a JSON file with a list of issuers');
    return [];
  }
  if (content.kind === 'problem') {
    addProblem(content.problem);
    return [];
  }
  const issuers = content.value;
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
