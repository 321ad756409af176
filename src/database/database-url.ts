import { fileURLToPath } from 'node:url';

/** What a URL of a database means. */
export type DatabaseAddress =
  | { readonly dialect: 'sqlite'; readonly path: string }
  | { readonly dialect: 'postgres'; readonly url: string };

/** The URL is not one of a database, or names a file that cannot be read, such as `sslrootcert`. */
export class DatabaseUrlError extends TypeError {
  override readonly name = 'DatabaseUrlError';
}

/**
 * Parses `file:PATH`, where a relative path begins in the current folder, and `postgres://` URLs with a host
 * and a database. Undefined for anything else.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress | undefined {
  if (text.startsWith('file:')) {
    const path = pathOfFileUrl(text);
    return path === undefined ? undefined : { dialect: 'sqlite', path };
  }
  if (!/^postgres(?:ql)?:\/\/[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return undefined;
  const { hostname, pathname, hash } = new URL(text);
  // An @ in the path is most likely the one behind a password with a slash.
  const isComplete = hostname !== '' && /^\/[^/@]+$/.test(pathname) && hash === '';
  return isComplete ? { dialect: 'postgres', url: text } : undefined;
}

function pathOfFileUrl(text: string): string | undefined {
  const path = text.slice('file:'.length);
  if (path === '' || /[?#%\p{C}]/u.test(path) || path.endsWith('/')) return undefined;
  if (!path.startsWith('//')) return path;
  return path.startsWith('///') ? fileURLToPath(text) : undefined;
}

/** Where the data is, for people: the URL without credentials and options. */
export function describeDatabase(text: string): string {
  const address = parseDatabaseUrl(text);
  if (address?.dialect !== 'postgres') return `SQLite in ${address?.path ?? 'a file'}`;
  const { host, pathname } = new URL(address.url);
  return `Postgres at ${host}${pathname}`;
}
