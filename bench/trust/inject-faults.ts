import type { PostgresProcess } from '../../test/services/postgres-process.ts';
import type { RedisProcess } from '../../test/services/redis-process.ts';
import { send } from '../../test/support/http.ts';
import { boundToken, createProof } from '../../test/support/proofs.ts';
import { createTestKey } from '../../test/support/tokens.ts';
import { type HostileIssuer, issuerFaults } from './hostile-issuer.ts';
import type { WatchedServer } from './watched-server.ts';

/** Everything that the server depends on, and the server. */
export interface FaultyParts {
  readonly server: WatchedServer;
  readonly issuer: HostileIssuer;
  readonly redis: RedisProcess;
  readonly postgres: PostgresProcess;
}

/** What became of a fault. */
export interface FaultResult {
  readonly name: string;
  /** What the server did wrong; none if it survived. */
  readonly problems: readonly string[];
}

/** The requests that are sent during each fault, and the statuses that each kind may get. */
const kinds = ['public', 'bearer', 'newKey', 'proof', 'data'] as const;
type Kind = (typeof kinds)[number];
type Allowed = Partial<Readonly<Record<Kind, readonly number[]>>>;

interface Fault {
  readonly name: string;
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
  /** Where not 200. */
  readonly allowed: Allowed;
}

const recoveryMs = 45_000;
const rounds = 10;

/** Injects one fault after the other, each for some requests, and waits until the server has recovered. */
export async function injectFaults(
  parts: FaultyParts,
  onResult: (result: FaultResult) => void,
): Promise<readonly FaultResult[]> {
  const { issuer, redis, postgres } = parts;
  const foreignKey = createTestKey();
  const clientKey = createTestKey();
  const query: Readonly<Record<Kind, string>> = {
    public: '{ public { message } }',
    bearer: '{ private { message } }',
    newKey: '{ private { message } }',
    proof: '{ private { message } }',
    data: '{ messages(first: 1) { totalCount } }',
  };
  const headersOf = (kind: Kind): readonly string[] => {
    const test = issuer.issuer;
    if (kind === 'public') return [];
    if (kind === 'newKey') return ['Authorization', `Bearer ${test.sign({ key: foreignKey })}`];
    if (kind !== 'proof') {
      return ['Authorization', `Bearer ${test.sign({ claims: { scope: 'read:messages' } })}`];
    }
    const token = boundToken(test, clientKey);
    const { endpoint: url } = parts.server;
    const proof = createProof({ key: clientKey, token, url, clock: test.clock });
    return ['Authorization', `DPoP ${token}`, 'DPoP', proof];
  };
  const ask = async (kind: Kind): Promise<number | string> => {
    const headers = ['Content-Type', 'application/json', ...headersOf(kind)];
    const body = JSON.stringify({ query: query[kind] });
    const request = send(parts.server.endpoint, { method: 'POST', headers, body });
    return request.then(
      ({ status }) => status,
      (error: unknown) => `no response (${error})`,
    );
  };

  const faults: readonly Fault[] = [
    ...issuerFaults.map(
      (fault): Fault => ({
        name: `issuer: ${fault}`,
        begin: () => issuer.fail(fault),
        end: () => issuer.fail(undefined),
        allowed: { newKey: [401, 503] },
      }),
    ),
    {
      name: 'issuer: other keys',
      begin: () => issuer.issuer.rotate(),
      end: () => {},
      // Not fetched again within 30 seconds, and 503 if that failed before.
      allowed: {
        newKey: [401, 503],
        bearer: [200, 401, 503],
        proof: [200, 401, 503],
        data: [200, 401, 503],
      },
    },
    {
      name: 'Redis: killed',
      begin: () => redis.kill(),
      end: () => redis.start(),
      allowed: { newKey: [401, 503], proof: [503] },
    },
    {
      name: 'Redis: hanging',
      begin: () => redis.hang(),
      end: () => redis.wake(),
      allowed: { newKey: [401, 503], proof: [503] },
    },
    {
      name: 'database: killed',
      begin: () => postgres.kill(),
      end: () => postgres.start(),
      allowed: { newKey: [401, 503], data: [503] },
    },
  ];

  const results: FaultResult[] = [];
  for (const { name, begin, end, allowed } of faults) {
    const problems = new Set<string>();
    await begin();
    for (let round = 0; round < rounds; round += 1) {
      const statuses = await Promise.all(kinds.map(ask));
      for (const [index, kind] of kinds.entries()) {
        const status = statuses[index] ?? 'none';
        if (!(allowed[kind] ?? [200]).some((one) => one === status))
          problems.add(`${kind}: ${status}`);
      }
    }
    await end();
    if (!(await recovers(ask))) problems.add(`not recovered in ${recoveryMs / 1_000} s`);
    if (!parts.server.isRunning) problems.add('the server exited');
    const result = { name, problems: [...problems] };
    results.push(result);
    onResult(result);
  }
  return results;
}

/** Waits until everything is served that can be. */
async function recovers(ask: (kind: Kind) => Promise<number | string>): Promise<boolean> {
  const deadline = performance.now() + recoveryMs;
  while (performance.now() < deadline) {
    const statuses = await Promise.all(kinds.filter((kind) => kind !== 'newKey').map(ask));
    if (statuses.every((status) => status === 200)) return true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}
