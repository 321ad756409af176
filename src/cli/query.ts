import { queryCommand } from './query-command.ts';
import { processEdge, runCommand } from './run-command.ts';

process.exitCode = await runCommand(queryCommand, processEdge());
