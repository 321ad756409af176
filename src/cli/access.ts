import { accessCommand } from './access-command.ts';
import { processEdge, runCommand } from './run-command.ts';

process.exitCode = await runCommand(accessCommand, processEdge());
