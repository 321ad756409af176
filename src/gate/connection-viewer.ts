import type { Viewer } from '../authentication/viewer.ts';
import { viewerOf } from '../authorization/enforcement/execution.ts';

const connectionKey = Symbol('viewer of the connection');

/** The initial context of operations over a connection, whose viewer was authenticated before. */
export function connectionContext(viewer: Viewer): object {
  return { [connectionKey]: viewer };
}

/** The viewer of the connection; undefined if each request has its own. */
export function connectionViewer(context: object): Viewer | undefined {
  return connectionKey in context ? viewerOf({ viewer: context[connectionKey] }) : undefined;
}
