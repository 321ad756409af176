import type { RevocationList } from '../authentication/revocation/revocation-list.ts';
import type { Database } from '../database/database.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import type { Api } from './build-api.ts';
import type { Configuration } from './configuration/configuration.ts';
import { type Events, openEvents } from './events.ts';
import type { ServerLogger } from './logger.ts';
import { openServerDatabase } from './open-server-database.ts';
import { openRateLimits, type RateLimits } from './rate-limits/rate-limits.ts';
import { openReplayStore, type ServerReplayStore } from './replay-store.ts';
import { openRevocations } from './revocations.ts';
import { openTracing, type Tracing } from './tracing/open-tracing.ts';

/** Options for `openResources`. */
export interface ResourcesOptions {
  readonly configuration: Configuration;
  /** The result of `buildApi`. */
  readonly api: Api;
  readonly log: ServerLogger;
  /** The clock for tokens, streams and timeouts. Default: the system's. */
  readonly clock?: Clock;
}

/** What a server connects to: Redis, the database, the collector of traces. */
export interface Resources {
  readonly replayStore: ServerReplayStore;
  /** Undefined: tokens are not revoked. */
  readonly revocations: RevocationList | undefined;
  readonly events: Events;
  /** Undefined: requests are not counted. */
  readonly rateLimits: RateLimits | undefined;
  /** Undefined: the API has no data. */
  readonly database: Database | undefined;
  /** Undefined: there are no traces. */
  readonly tracing: Tracing | undefined;
  /** Releases all of them. */
  readonly close: () => Promise<void>;
}

/**
 * Opens what a server connects to. If one of them fails, the others are released.
 *
 * @throws {MigrationError} If the database cannot be migrated.
 */
export async function openResources(options: ResourcesOptions): Promise<Resources> {
  const { configuration, clock = systemClock } = options;
  const { publicUrl, revocation } = configuration;
  const shared = { redisUrl: configuration.dpop.redisUrl, clock, log: options.log.logger };
  const releases: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const release of releases.splice(0).reverse()) await release();
  };
  try {
    const tracing = await openTracing(options);
    if (tracing) releases.push(tracing.stop);
    const database = openServerDatabase(options);
    if (database) releases.push(() => database.close());
    const replayStore = await openReplayStore(shared);
    releases.push(() => replayStore.close());
    await database?.start();
    const revocations = await openRevocations({ ...shared, revocation });
    if (revocations) releases.push(() => revocations.close());
    const events = await openEvents({ ...shared, publicUrl });
    releases.push(() => events.close());
    const { rateLimits: limits } = configuration;
    const rateLimits = await openRateLimits({ ...shared, rateLimits: limits });
    if (rateLimits) releases.push(() => rateLimits.close());
    return { replayStore, revocations, events, rateLimits, database, tracing, close };
  } catch (error) {
    await close();
    throw error;
  }
}
