import { readFile } from 'node:fs/promises';

/** An encoding in which files are stored besides their own. */
export type Encoding = 'br' | 'gzip';

/** A file of the page. */
export interface Asset {
  readonly type: string;
  readonly encoding: Encoding | undefined;
  readonly body: Buffer;
}

/**
 * The page as `npm run build` leaves it. The URL is the same from the sources and from the build, so
 * `npm run dev` serves it too.
 */
export const builtPage = new URL('../../../dist/graphiql/', import.meta.url);

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  ttf: 'font/ttf',
};

const extensions: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz' };

/**
 * Reads a file of the page. Files are not kept in memory: browsers cache them, and the page can be
 * built again while the server runs.
 *
 * @param name Its path in the folder, such as `graphiql/main-BQkrUX3p.js`.
 * @param accepted The encodings to look for, best first.
 * @returns Undefined if there is no such file.
 */
export async function readAsset(
  folder: URL,
  name: string,
  accepted: readonly Encoding[],
): Promise<Asset | undefined> {
  const [, extension = ''] = /^(?:[\w-]+\/)?[\w-]+(?:\.[\w-]+)*\.(\w+)$/.exec(name) ?? [];
  const type = Object.hasOwn(types, extension) ? types[extension] : undefined;
  if (type === undefined) return undefined;
  for (const encoding of [...accepted, undefined]) {
    const suffix = encoding === undefined ? '' : extensions[encoding];
    const body = await readIfPresent(new URL(`${name}${suffix}`, folder));
    if (body) return { type, encoding, body };
  }
  return undefined;
}

/** The codes of errors that mean that there is no such file: clients choose the length of its name. */
const absent: ReadonlySet<unknown> = new Set(['ENOENT', 'ENAMETOOLONG']);

async function readIfPresent(file: URL): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && absent.has(error.code)) return undefined;
    throw error;
  }
}
