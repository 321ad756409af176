import { explainCommand } from './explain-command.ts';
import { processEdge, runCommand } from './run-command.ts';

process.exitCode = await runCommand(explainCommand, processEdge());
