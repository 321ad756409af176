import { processEdge, runCommand } from './run-command.ts';
import { tokenCommand } from './token-command.ts';

process.exitCode = await runCommand(tokenCommand, processEdge());
