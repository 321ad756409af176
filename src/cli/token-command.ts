import type { ExitCode } from './command-error.ts';
import { readSettings } from './command-settings.ts';
import { obtainToken } from './obtain-token.ts';
import {
  readArguments,
  readTokenRequest,
  tokenOptions,
  tokenOptionsHelp,
} from './read-arguments.ts';
import type { CommandEdge } from './run-command.ts';

const help = `Prints an access token for the API, and nothing else.

  npm run --silent token -- --scope "read:messages"

${tokenOptionsHelp}
  --help           this text

It comes from the local issuer that npm start runs; with AUTH0_DOMAIN (or OIDC_ISSUER),
AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET set, from there.

The exit code is 0 with a token, 1 when the issuer refuses to give one, and 2 when the command was
called wrongly or the issuer cannot be reached.
`;

const options = { ...tokenOptions, help: { type: 'boolean' } } as const;

/** Gets one access token and prints it. */
export async function tokenCommand(edge: CommandEdge): Promise<ExitCode> {
  const { values } = readArguments({ args: [...edge.arguments], options });
  if (values.help) {
    edge.print(help);
    return 0;
  }
  const request = readTokenRequest(values) ?? {};
  const source = readSettings(edge).tokenSource();
  edge.print(`${await obtainToken(source, request)}\n`);
  return 0;
}
