import type { Reporter, TestModule } from 'vitest/node';
import { exemptions } from './exemptions.ts';
import { type Cell, formatMatrix } from './format-matrix.ts';

/** Prints the results of the tests as a matrix: `npm run matrix`. */
export default class MatrixReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const columns = new Map<string, Map<string, Cell>>();
    for (const module of modules) {
      for (const error of module.errors()) console.error(error.message);
      for (const test of module.children.allTests()) {
        const server = test.parent.type === 'suite' ? test.parent.name : '';
        const result = test.result();
        if (result.state === 'skipped') continue;
        const exemption = exemptions.find((one) => one.server === server && one.case === test.name);
        const cell: Cell =
          result.state === 'failed'
            ? { kind: 'failed' }
            : exemption
              ? { kind: 'exempt', reason: exemption.reason }
              : { kind: 'ok' };
        columns.set(server, (columns.get(server) ?? new Map()).set(test.name, cell));
        for (const error of result.errors ?? []) {
          console.error(`${server}: ${test.name}\n${error.message}\n${error.diff ?? ''}\n`);
        }
      }
    }
    console.log(formatMatrix(columns));
  }
}
