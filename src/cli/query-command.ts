import * as dpop from 'dpop';
import { type ExitCode, UsageError } from './command-error.ts';
import { type CommandSettings, readSettings } from './command-settings.ts';
import { obtainToken } from './obtain-token.ts';
import {
  readArguments,
  readTokenRequest,
  tokenOptions,
  tokenOptionsHelp,
} from './read-arguments.ts';
import { readJsonObject } from './read-json-object.ts';
import { readOperation } from './read-operation.ts';
import type { CommandEdge } from './run-command.ts';
import { formatAnswer, isEndpoint, sendOperation } from './send-operation.ts';

const help = `Runs a GraphQL operation and prints the status, the headers that matter and the body.

  npm run query -- '{ privateScoped { message } }' --scope read:messages

${tokenOptionsHelp}
  --dpop           bind the token to a new key, and send a proof with it (RFC 9449)
  --token TOKEN    send this token instead of getting one
  --anonymous      send no token; so it is with none of these options
  --variables JSON the operation's variables, a JSON object
  --operation-name NAME
                   which of several operations to run
  --endpoint URL   where the API is (default: PUBLIC_URL or http://localhost:PORT, /graphql)
  --help           this text

The exit code is 0 when the status is 2xx, 1 when it is another one or the issuer refuses to give a
token, and 2 when the command was called wrongly or nothing answers.
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

/** Runs one operation against the API and prints the answer. */
export async function queryCommand(edge: CommandEdge): Promise<ExitCode> {
  const { values, positionals } = readArguments({
    args: [...edge.arguments],
    options,
    allowPositionals: true,
  });
  if (values.help) {
    edge.print(help);
    return 0;
  }
  const query = readOperation(positionals);
  const variables = readJsonObject(values.variables);
  const settings = readSettings(edge);
  const endpoint = readGivenEndpoint(values.endpoint) ?? settings.endpoint;
  const keyPair = values.dpop ? await dpop.generateKeyPair('ES256') : undefined;
  const token = await chooseToken(values, settings, keyPair);
  if (token === undefined && !values.anonymous) {
    edge.warn('Sent without a token. With one: --scope, --as or --token.\n');
  }
  const operationName = values['operation-name'];
  const response = await sendOperation({
    endpoint,
    query,
    ...(variables === undefined ? {} : { variables }),
    ...(operationName === undefined ? {} : { operationName }),
    ...(token === undefined ? {} : { token }),
    ...(keyPair === undefined ? {} : { keyPair }),
  });
  edge.print(await formatAnswer(response));
  return response.ok ? 0 : 1;
}

async function chooseToken(
  values: Parameters<typeof readTokenRequest>[0] & { token?: string; anonymous?: boolean },
  settings: CommandSettings,
  keyPair: dpop.KeyPair | undefined,
): Promise<string | undefined> {
  const { token, anonymous } = values;
  const request = readTokenRequest(values) ?? (keyPair && {});
  const ways = [request !== undefined, token !== undefined, anonymous === true];
  if (ways.filter(Boolean).length > 1) {
    throw new UsageError(
      'Choose one: --token, --anonymous, or --scope, --audience, --as, --lifetime and --dpop.',
    );
  }
  // What is no header value would come back in an error of fetch, token and all.
  if (token !== undefined && !/^[\x20-\x7e]+$/.test(token)) {
    throw new UsageError('--token holds a character that no header may have, or nothing.');
  }
  return request === undefined ? token : obtainToken(settings.tokenSource(), request, keyPair);
}

function readGivenEndpoint(text: string | undefined): string | undefined {
  if (text !== undefined && !isEndpoint(text)) {
    throw new UsageError('--endpoint must be an http or https URL without credentials.');
  }
  return text;
}
