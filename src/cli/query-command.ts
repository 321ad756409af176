import type { KeyPair } from 'dpop';
import { loadPackage } from '../shared/load-package.ts';
import { type CommandIO, type ExitCode, UsageError } from './command.ts';
import { obtainToken } from './obtain-token.ts';
import {
  exampleTokenOptions,
  readArguments,
  readJsonObject,
  readOperation,
  readTokenRequest,
  tokenOptions,
  tokenOptionsHelp,
} from './read-arguments.ts';
import {
  formatResponse,
  isEndpointUrl,
  type ProveRequest,
  sendOperation,
} from './send-operation.ts';
import type { CommandSettings } from './token-source.ts';

const help = async (
  io: CommandIO,
): Promise<string> => `Runs a GraphQL operation and prints the status, the relevant headers and the body.

  ${io.formatCommand('query', `'{ __typename }' ${await exampleTokenOptions(io)}`)}

${await tokenOptionsHelp(io)}
  --dpop           bind the token to a new key and send a DPoP proof (RFC 9449)
  --token TOKEN    send this token instead of requesting one
  --anonymous      send no token (default)
  --variables JSON the operation's variables, a JSON object
  --operation-name NAME
                   which operation to run, if there are several
  --endpoint URL   the URL of the API (default: PUBLIC_URL or http://localhost:PORT, /graphql)
  --help           show this help

Exit codes: 0 if the status is 2xx, 1 for another status or if the issuer does not issue a token, 2
if the arguments are invalid or the API cannot be reached.
`;

const options = {
  ...tokenOptions,
  dpop: { type: 'boolean' },
  token: { type: 'string' },
  anonymous: { type: 'boolean' },
  variables: { type: 'string' },
  'operation-name': { type: 'string' },
  endpoint: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Runs one operation against the API and prints the response. */
export async function queryCommand(io: CommandIO): Promise<ExitCode> {
  const { values, positionals } = readArguments({
    args: [...io.arguments],
    options,
    allowPositionals: true,
  });
  if (values.help) {
    io.print(await help(io));
    return 0;
  }
  const query = readOperation(positionals);
  const variables = readJsonObject(values.variables);
  const settings = await io.loadSettings();
  const endpoint = validateEndpoint(values.endpoint) ?? settings.endpoint;
  const key = values.dpop ? await createKey() : undefined;
  const token = await chooseToken(values, { io, settings, keyPair: key?.keyPair });
  if (token === undefined && !values.anonymous) {
    io.warn('Sent without a token. To send one, use --scope, --as or --token.\n');
  }
  const operationName = values['operation-name'];
  const response = await sendOperation({
    endpoint,
    query,
    ...(variables === undefined ? {} : { variables }),
    ...(operationName === undefined ? {} : { operationName }),
    ...(token === undefined ? {} : { token }),
    ...(key === undefined ? {} : { prove: key.prove }),
  });
  io.print(await formatResponse(response));
  return response.ok ? 0 : 1;
}

/** A new key to bind a token to, and what proves its possession. */
async function createKey(): Promise<{ readonly keyPair: KeyPair; readonly prove: ProveRequest }> {
  const dpop = await loadPackage('dpop', '--dpop', () => import('dpop'));
  const keyPair = await dpop.generateKeyPair('ES256');
  return {
    keyPair,
    prove: (htu, nonce, token) => dpop.generateProof(keyPair, htu, 'POST', nonce, token),
  };
}

async function chooseToken(
  values: Parameters<typeof readTokenRequest>[0] & { token?: string; anonymous?: boolean },
  {
    io,
    settings,
    keyPair,
  }: {
    readonly io: CommandIO;
    readonly settings: CommandSettings;
    readonly keyPair: KeyPair | undefined;
  },
): Promise<string | undefined> {
  const { token, anonymous } = values;
  const request = (await readTokenRequest(values, io)) ?? (keyPair && {});
  const ways = [request !== undefined, token !== undefined, anonymous === true];
  if (ways.filter(Boolean).length > 1) {
    throw new UsageError(
      'Choose one: --token, --anonymous, or --scope, --audience, --as, --lifetime and --dpop.',
    );
  }
  // fetch prints an invalid header value, and so the token, in its error.
  if (token !== undefined && !/^[\x20-\x7e]+$/.test(token)) {
    throw new UsageError('--token is empty or has a character that is not allowed in a header.');
  }
  return request === undefined ? token : obtainToken(settings.tokenSource(), request, keyPair);
}

function validateEndpoint(text: string | undefined): string | undefined {
  if (text !== undefined && !isEndpointUrl(text)) {
    throw new UsageError('--endpoint must be an http or https URL without credentials.');
  }
  return text;
}
