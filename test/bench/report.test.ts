import { expect, test } from 'vitest';
import type { Ratio } from '../../bench/ratios.ts';
import { compareRatios, formatReport, formatUnmet } from '../../bench/report.ts';
import type { MeasuredScenario, RunReport } from '../../bench/run.ts';

const scenario = (overrides: Partial<MeasuredScenario>): MeasuredScenario => ({
  name: 'ours',
  label: 'Ours',
  cpuMicroseconds: 50,
  requestsPerSecond: 20_000,
  p50Milliseconds: 1,
  p99Milliseconds: 2,
  residentMegabytes: 90,
  rounds: [{ cpuMicroseconds: 50, p99Milliseconds: 2 }],
  accepted: [],
  ...overrides,
});
const peer = scenario({
  name: 'peer',
  label: 'Peer',
  rounds: [{ cpuMicroseconds: 100, p99Milliseconds: 3 }],
});
const report = (overrides: Partial<RunReport>): RunReport => ({
  date: '2026-01-02',
  machine: '2 CPUs',
  node: 'v20.19.0',
  connections: 32,
  rounds: 9,
  secondsPerRound: 3,
  isPinned: true,
  otherCpuLoad: 0,
  loadCpuShare: 0.5,
  measured: [scenario({}), peer],
  skipped: [],
  ...overrides,
});
const between = { subject: 'ours', reference: 'peer', label: 'ours / peer' };
const cpu = (atLeast: number): Ratio => ({ ...between, quantity: 'cpu', atLeast });
const p99 = (atMost: number): Ratio => ({ ...between, quantity: 'p99', atMost });

test.each([
  ['twice as fast', cpu(2), {}, 2, true],
  ['not fast enough', cpu(2.1), {}, 2, false],
  ['latency within the limit', p99(0.7), {}, 2 / 3, true],
  ['latency above the limit', p99(0.6), {}, 2 / 3, false],
  [
    'a server that accepts what it must refuse',
    cpu(1),
    { measured: [scenario({ accepted: ['expired'] }), peer] },
    undefined,
    false,
  ],
  [
    'a server that could not be measured',
    cpu(1),
    {
      measured: [scenario({})],
      skipped: [{ name: 'peer', label: 'Peer', reason: 'not installed' }],
    },
    undefined,
    false,
  ],
] as const)('%s', (_name, ratio, overrides, value, isMet) => {
  expect(compareRatios([ratio], report(overrides))).toEqual([{ ratio, value, isMet }]);
});

test('rounds are compared with each other, so that a slow machine slows down both', () => {
  const measured = [
    scenario({
      rounds: [50, 500, 50, 500, 500].map((time) => ({
        cpuMicroseconds: time,
        p99Milliseconds: 1,
      })),
    }),
    scenario({
      name: 'peer',
      rounds: [100, 1_000, 100, 90, 1_000].map((time) => ({
        cpuMicroseconds: time,
        p99Milliseconds: 1,
      })),
    }),
  ];

  expect(compareRatios([cpu(2)], report({ measured }))).toMatchObject([{ value: 2 }]);
});

test('a ratio whose scenarios were not selected is left out', () => {
  expect(compareRatios([cpu(1)], report({ measured: [peer] }))).toEqual([]);
});

test('what is not met is named', () => {
  expect(formatUnmet(compareRatios([cpu(2.1), cpu(2)], report({})))).toBe(
    'Not met: ours / peer: 2.00, required ≥ 2.1\n',
  );
});

test('the report says that a scenario was not measured, that a server accepts too much, that the machine was busy', () => {
  const text = formatReport(
    report({
      otherCpuLoad: 1.5,
      measured: [scenario({ accepted: ['expired'], refusesReplay: false })],
      skipped: [{ name: 'peer', label: 'Peer', reason: 'not installed' }],
    }),
    [],
  );

  expect(text).toContain(
    '| Ours | 50 | 20,000 | 1.00 | 2.00 | 90 | **not: expired, a replayed proof** |',
  );
  expect(text).toContain('| Peer | not measured | | | | | |');
  expect(text).toContain('**The machine was busy**');
});
