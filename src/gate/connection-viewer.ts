import type { Viewer } from '../authentication/viewer.ts';

const connectionKey = Symbol('viewer of the connection');

/** What the context of an operation begins with whose viewer was found out when its connection began. */
export function connectionContext(viewer: Viewer): object {
  return { [connectionKey]: viewer };
}

/** That viewer; undefined where each request has its own. */
export function connectionViewer(context: object): Viewer | undefined {
  return connectionKey in context ? (context[connectionKey] as Viewer) : undefined;
}
