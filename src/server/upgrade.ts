import { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { originForm } from './origin-form.ts';
import { graphqlPath } from './paths.ts';

/** Takes a connection over. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * A request whose offers to upgrade the connection count where they are for a WebSocket, and there
 * is one. Any other, such as `h2c`, is ignored (RFC 9110 §7.8), as Node does itself for servers
 * that upgrade nothing; one that upgrades something it would leave hanging.
 */
export class ApiRequest extends IncomingMessage {
  declare private offersUpgrade: boolean | null;

  /** Node sets it when the headers are there, and asks it whether to upgrade. */
  get upgrade(): boolean {
    return this.offersUpgrade === true && asksForWebSocket(this);
  }

  set upgrade(offers: boolean | null) {
    this.offersUpgrade = offers;
  }
}

function asksForWebSocket({ method, url, headers }: IncomingMessage): boolean {
  const [path] = originForm(url ?? '/').split('?', 1);
  return method === 'GET' && path === graphqlPath && headers.upgrade?.toLowerCase() === 'websocket';
}
