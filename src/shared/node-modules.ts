/**
 * The modules of Node that are faster than what every runtime has. They are looked up, never imported: a
 * bundler for Cloudflare Workers or a browser finds no Node module to follow. Where they are missing,
 * they are undefined.
 */

/** The part of the global object that is used. */
interface Runtime {
  readonly process?: {
    readonly getBuiltinModule?: GetBuiltinModule;
    readonly versions?: Readonly<Record<string, string | undefined>>;
    readonly nextTick?: (run: () => void) => void;
  };
}

interface GetBuiltinModule {
  (id: 'node:buffer'): typeof import('node:buffer') | undefined;
  (id: 'node:crypto'): typeof import('node:crypto') | undefined;
  (id: 'node:http'): typeof import('node:http') | undefined;
}

const { process }: Runtime = globalThis;
const { openssl, bun, deno } = process?.versions ?? {};

/** Calls a function before timers and input, unlike `setTimeout`. */
export const nextTick = process?.nextTick;

/** Decodes several times faster than `atob`. */
export const nodeBuffer = process?.getBuiltinModule?.('node:buffer')?.Buffer;

/** Hashes synchronously. */
export const nodeCrypto = process?.getBuiltinModule?.('node:crypto');

/**
 * Verifies signatures synchronously. Node's own alone: elsewhere, the module imitates OpenSSL with other
 * cryptography, and WebCrypto is what is specified there.
 */
export const nodeSignatures =
  openssl === undefined || bun !== undefined || deno !== undefined ? undefined : nodeCrypto;

/** Loads the HTTP server of Node. A function, because most programs have no use for it. */
export const loadNodeHttp = () => process?.getBuiltinModule?.('node:http');
