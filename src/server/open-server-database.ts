import { type Database, openDatabase } from '../database/database.ts';
import { systemClock } from '../shared/clock.ts';
import type { ResourcesOptions } from './open-resources.ts';

/** Opens the database of an API, if it has one. Its outages are logged once each. */
export function openServerDatabase({
  configuration,
  api: { migrations = {} },
  log: { logger },
  clock = systemClock,
}: ResourcesOptions): Database | undefined {
  return (
    configuration.database &&
    openDatabase({
      ...configuration.database,
      migrations,
      clock,
      onOutage: (error) =>
        logger.warn(
          { err: error },
          'The database is unavailable: fields that require it respond with SERVICE_UNAVAILABLE.',
        ),
      onRecovery: () => logger.info('The database is available again.'),
    })
  );
}
