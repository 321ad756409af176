import { type Command, processIO, runCommand, UsageError } from './command.ts';

// The commands of `npm run token`, `query`, `access` and `explain`: given arguments and the environment,
// each prints its output and returns an exit code.

/** The commands by name. Only the one that runs is loaded. */
const commands = new Map<string, () => Promise<Command>>([
  ['access', async () => (await import('./access-command.ts')).accessCommand],
  ['explain', async () => (await import('./explain-command.ts')).explainCommand],
  ['query', async () => (await import('./query-command.ts')).queryCommand],
  ['token', async () => (await import('./token-command.ts')).tokenCommand],
]);

const [name = '', ...words] = process.argv.slice(2);

process.exitCode = await runCommand(async (io) => {
  const load = commands.get(name);
  if (!load) {
    throw new UsageError(`Unknown command. Choose one: ${[...commands.keys()].join(', ')}.`);
  }
  const command = await load();
  return command(io);
}, processIO(words));
