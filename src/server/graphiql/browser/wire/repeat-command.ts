import type { SignInSettings } from '../../sign-in-settings.ts';
import type { Exchange } from '../page-state.ts';
import type { Account } from '../session.ts';

/**
 * A command that sends an operation again. It contains no token: it runs `npm run token`, in the folder
 * of the API. A proof has to be made for each request, which curl cannot do, so for DPoP it is
 * `npm run query`. Headers that were typed are not repeated.
 *
 * @example
 *   curl 'http://localhost:4000/graphql' \
 *     -H "Authorization: Bearer $(npm run --silent token -- --as 'manager')" \
 *     -H 'Content-Type: application/json' \
 *     --data '{"query":"{ __typename }"}'
 */
export function repeatCommand(
  {
    request,
    credentials,
    account,
    isStream,
  }: Pick<Exchange, 'request' | 'credentials' | 'account' | 'isStream'>,
  {
    endpoint,
    testUsers,
    commandPort,
  }: Pick<SignInSettings, 'endpoint' | 'testUsers' | 'commandPort'>,
): string {
  const npm = commandPort === null ? 'npm' : `PORT=${commandPort} npm`;
  const options = account ? tokenOptions(account, testUsers) : [];
  const { query, variables, operationName } = request;
  if (account?.scheme === 'DPoP') {
    return [
      `${npm} run --silent query -- ${quote(query)}`,
      ...options,
      '--dpop',
      ...(variables === undefined ? [] : [`--variables ${quote(JSON.stringify(variables))}`]),
      ...(operationName === undefined ? [] : [`--operation-name ${quote(operationName)}`]),
      `--endpoint ${quote(endpoint)}`,
    ].join(continued);
  }
  const token = [`${npm} run --silent token --`, ...options].join(' ');
  const authorization = {
    session: [`-H "Authorization: Bearer $(${token})"`],
    // It is not known which command would obtain it.
    header: ['-H "Authorization: Bearer $TOKEN"'],
    none: [],
  }[credentials];
  return [
    `curl ${isStream ? '-N ' : ''}${quote(endpoint)}`,
    ...authorization,
    "-H 'Content-Type: application/json'",
    ...(isStream ? ["-H 'Accept: text/event-stream'"] : []),
    `--data ${quote(JSON.stringify({ query, variables, operationName }))}`,
  ].join(continued);
}

const continued = ' \\\n  ';

/** Those of `npm run token`, for a token like that of the account. Without a test user it is a machine's. */
function tokenOptions(
  { subject, scopes }: Account,
  testUsers: SignInSettings['testUsers'],
): readonly string[] {
  return [
    ...(testUsers.some(({ name }) => name === subject) ? [`--as ${quote(subject)}`] : []),
    ...(scopes && scopes.length > 0 ? [`--scope ${quote(scopes.join(' '))}`] : []),
  ];
}

/** One word for a POSIX shell, within double quotes of `$(…)` too. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
