import type { CommandIO, ExitCode } from './command.ts';
import { readSettings } from './command-settings.ts';
import { obtainToken } from './obtain-token.ts';
import {
  readArguments,
  readTokenRequest,
  tokenOptions,
  tokenOptionsHelp,
} from './read-arguments.ts';

const help = (
  testUsers: readonly string[],
): string => `Prints an access token for the API, and nothing else.

  npm run --silent token -- --as ${testUsers[0] ?? 'NAME'}

${tokenOptionsHelp(testUsers)}
  --help           show this help

The token comes from the local issuer, which npm start runs, or from the configured issuer if
AUTH0_DOMAIN (or OIDC_ISSUER), AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET are set.

Exit codes: 0 with a token, 1 if the issuer does not issue one, 2 if the arguments are invalid or the
issuer cannot be reached.
`;

const options = { ...tokenOptions, help: { type: 'boolean' } } as const;

/** Gets one access token and prints it. */
export async function tokenCommand(io: CommandIO): Promise<ExitCode> {
  const { values } = readArguments({ args: [...io.arguments], options });
  if (values.help) {
    io.print(help(await io.loadTestUsers()));
    return 0;
  }
  const request = (await readTokenRequest(values, io)) ?? {};
  const source = readSettings(io).tokenSource();
  io.print(`${await obtainToken(source, request)}\n`);
  return 0;
}
