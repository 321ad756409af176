import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What a command printed, on both outputs, and its exit code. */
export interface Printed {
  readonly text: string;
  readonly code: number;
}

/** A terminal, as far as documentation needs one: variables last from one command to the next. */
export interface Shell {
  run(command: string): Promise<Printed>;
  close(): Promise<void>;
}

/** Opens a bash in a folder, with an environment of nothing but these variables. */
export function openShell(folder: string, variables: Readonly<Record<string, string>>): Shell {
  const child = spawn('bash', ['--norc', '--noprofile'], { cwd: folder, env: variables });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.write('exec 2>&1\n');
  const end = 'END-OF-COMMAND';
  return {
    async run(command) {
      // The mark stands on a line of its own, also where the output ends in the middle of one.
      child.stdin.write(`{ ${command}\n} </dev/null; printf '\\n${end} %s\\n' "$?"\n`);
      const printed: string[] = [];
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`The shell ended in the middle of: ${command}`);
        if (value.startsWith(end)) {
          return {
            text: printed.join('\n').replace(/\n$/, ''),
            code: Number(value.slice(end.length)),
          };
        }
        printed.push(value);
      }
    },
    async close() {
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
    },
  };
}
