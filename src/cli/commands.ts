import { type Command, type CommandIO, runCommand, UsageError } from './command.ts';
import { readStandardInput } from './read-input.ts';

/** The commands by name. Only the one that runs is loaded. */
const commands = new Map<string, () => Promise<Command>>([
  ['access', async () => (await import('./access-command.ts')).accessCommand],
  ['documents', async () => (await import('./documents-command.ts')).documentsCommand],
  ['doctor', async () => (await import('./doctor-command.ts')).doctorCommand],
  ['explain', async () => (await import('./explain-command.ts')).explainCommand],
  ['query', async () => (await import('./query-command.ts')).queryCommand],
  ['token', async () => (await import('./token-command.ts')).tokenCommand],
]);

/** Runs the command that the first word names in this process, and sets the exit code. */
export async function runProcess(
  words: readonly string[],
  io: Omit<CommandIO, 'arguments' | 'print' | 'warn' | 'readInput'>,
): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', failUnlessClosed);
  const [name = '', ...rest] = words;
  process.exitCode = await runCommand(
    async (commandIO) => {
      const load = commands.get(name);
      if (!load) {
        const names = [...commands.keys()].join(', ');
        throw new UsageError(
          `${name === '' ? 'No command.' : 'Unknown command.'} Choose one: ${names}. Try ${io.formatCommand('access', '--help')}`,
        );
      }
      const command = await load();
      return command(commandIO);
    },
    {
      ...io,
      arguments: rest,
      readInput: readStandardInput,
      print: (text) => process.stdout.write(text),
      warn: (text) => process.stderr.write(text),
    },
  );
}

/** Output that cannot be written is a failure, unless the reader closed the pipe (`| head`). */
function failUnlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.once('exit', () => {
    process.exitCode = 2;
  });
}
