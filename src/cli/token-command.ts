import type { CommandIO, ExitCode } from './command.ts';
import { obtainToken } from './obtain-token.ts';
import {
  exampleTokenOptions,
  readArguments,
  readTokenRequest,
  tokenOptions,
  tokenOptionsHelp,
} from './read-arguments.ts';

const help = async (
  io: CommandIO,
): Promise<string> => `Prints an access token for the API, and nothing else.

  ${io.formatCommand('token', await exampleTokenOptions(io))}

${await tokenOptionsHelp(io)}
  --help           show this help

${
  io.localIssuer
    ? `The token comes from the local issuer, which npm start runs, or from the configured issuer if
AUTH0_DOMAIN (or OIDC_ISSUER), AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET are set.`
    : `The token comes from the issuer of OIDC_ISSUER (or AUTH0_DOMAIN), for the API OIDC_AUDIENCE (or
AUTH0_AUDIENCE) and the client of AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET. All are read from the
environment, or from .env in this folder. Install openid-client to use it.`
}

Exit codes: 0 with a token, 1 if the issuer does not issue one, 2 if the arguments are invalid or the
issuer cannot be reached.
`;

const options = { ...tokenOptions, help: { type: 'boolean' } } as const;

/** Gets one access token and prints it. */
export async function tokenCommand(io: CommandIO): Promise<ExitCode> {
  const { values } = readArguments({ args: [...io.arguments], options });
  if (values.help) {
    io.print(await help(io));
    return 0;
  }
  const request = (await readTokenRequest(values, io)) ?? {};
  const source = (await io.loadSettings()).tokenSource();
  io.print(`${await obtainToken(source, request)}\n`);
  return 0;
}
