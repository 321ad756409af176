import type { IncomingMessage } from 'node:http';
import type { RequestRecords } from '../request-records.ts';
import { sampleTabs } from '../sample-tabs.ts';
import type { ServerOptions } from '../server.ts';
import { type AccessListenerOptions, createAccessListener } from './access/access-listener.ts';
import { describeSignIn } from './describe-sign-in.ts';
import { createGraphiqlListener, type GraphiqlListener } from './listener.ts';

/** What GraphiQL shares with the API. */
interface Shared extends Pick<AccessListenerOptions, 'gate' | 'dpopNonce'> {
  readonly requests: Pick<RequestRecords, 'idOf'>;
}

/**
 * Opens GraphiQL, if it is on. What it shows about access is for development only: it names rules that no
 * response of the API names.
 */
export function openGraphiql(
  { configuration, api, testUsers = [], graphiqlFolder, log }: ServerOptions,
  { requests, ...shared }: Shared,
): GraphiqlListener | undefined {
  if (!configuration.graphiql) return undefined;
  const { schema, sampleOperations } = api;
  const logErrorAs = (message: string) => (err: unknown, request: IncomingMessage) =>
    log.logger.error({ request: requests.idOf(request), err }, message);
  const explainsAccess = configuration.environment !== 'production';
  const page = createGraphiqlListener({
    settings: describeSignIn({ configuration, schema, testUsers }),
    tabs: () => sampleTabs(schema, sampleOperations, testUsers),
    explainsAccess,
    folder: graphiqlFolder,
    onError: logErrorAs('GraphiQL could not be loaded.'),
  });
  if (!explainsAccess) return page;
  const access = createAccessListener({
    ...configuration,
    ...shared,
    schema,
    users: testUsers,
    reportError: logErrorAs('Access could not be explained.'),
  });
  return (request, response, path) =>
    access(request, response, path) || page(request, response, path);
}
