import type { Credentials } from './credentials.ts';

/** How a client is to ask. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly credentials: Credentials;
  /** Of queries; mutations are posted. */
  readonly method: 'GET' | 'POST';
  readonly accept: string;
}

/** An error, as far as an app acts on it. */
export interface SeenError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** What the app is told, read where the client's users look for it. */
export interface Seen {
  readonly status: number;
  readonly data?: unknown;
  readonly errors: readonly SeenError[];
}

/** Runs one operation. Never throws for what the server answered. */
export type Ask = (operation: string, options: ClientOptions) => Promise<Seen>;

/** The body of a GraphQL answer. */
export interface Body {
  readonly data?: unknown;
  readonly errors?: readonly SeenError[];
}

export const isMutation = (operation: string): boolean => operation.startsWith('mutation');

/** What a body says, for clients that hand it over as text. */
export function seenIn(status: number, text: string): Seen {
  const { data, errors = [] }: Body = JSON.parse(text);
  return { status, data, errors };
}
