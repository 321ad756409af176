import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { graphiqlOptions } from './options.ts';
import { callbackPage, graphiqlPage } from './page.ts';
import { assetPath, callbackPath } from './paths.ts';
import type { SignInSettings } from './sign-in-settings.ts';

/** Something the page is made of. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  /** Changes with the body. */
  readonly tag: string;
}

/** Everything the page is made of: the page itself, and the rest by path. */
export interface Assets {
  readonly page: Asset;
  readonly byPath: ReadonlyMap<string, Asset>;
}

const require = createRequire(import.meta.url);

const html = 'text/html; charset=utf-8';
const css = 'text/css; charset=utf-8';
const script = 'text/javascript; charset=utf-8';

/** The scripts and the stylesheet of ours: browsers are sent them as they are written. */
const ownFiles = [
  'main.js',
  'session.js',
  'authorized-fetch.js',
  'refusal.js',
  'sentences.js',
  'access-token.js',
  'bar.js',
  'callback.js',
  'bar.css',
] as const;

/** Beside this module, in the sources and in what they are built to. */
const ownFolder = new URL('browser/', import.meta.url);

/** Gathers what the page is made of. It takes some tens of megabytes of memory. */
export async function loadAssets(
  settings: SignInSettings,
  tabs: readonly string[],
): Promise<Assets> {
  const graphiql = loadGraphiql(tabs);
  const [oidcClient, ...own] = await Promise.all([
    readFile(oidcClientFile()),
    ...ownFiles.map(async (name) => [name, await readFile(new URL(name, ownFolder))] as const),
  ]);
  const files: readonly (readonly [path: string, type: string, body: string | Buffer])[] = [
    [`${assetPath}graphiql.js`, script, graphiql.script],
    [`${assetPath}graphiql.css`, css, graphiql.style],
    [`${assetPath}oidc-client-ts.js`, script, oidcClient],
    [`${assetPath}settings.js`, script, `export default ${JSON.stringify(settings)};\n`],
    [callbackPath, html, callbackPage],
    ...own.map(
      ([name, body]) =>
        [`${assetPath}${name}`, name.endsWith('.css') ? css : script, body] as const,
    ),
  ];
  return {
    page: assetOf(html, graphiqlPage),
    byPath: new Map(files.map(([path, type, body]) => [path, assetOf(type, body)])),
  };
}

function assetOf(type: string, content: string | Buffer): Asset {
  const body = Buffer.from(content);
  return { type, body, tag: `"${createHash('sha256').update(body).digest('base64url')}"` };
}

/**
 * GraphiQL, out of the one page that its package makes: as files, it needs no inline script, and
 * browsers keep it.
 */
function loadGraphiql(tabs: readonly string[]): {
  readonly script: string;
  readonly style: string;
} {
  // Not imported: Node would remember for good that an import has failed, such as for want of file
  // descriptors.
  const {
    renderGraphiQL,
  }: typeof import('@graphql-yoga/render-graphiql') = require('@graphql-yoga/render-graphiql');
  const page = renderGraphiQL(graphiqlOptions(tabs));
  return {
    style: between(page, '<style>', page.indexOf('</style>')),
    script: between(page, '<script>', page.lastIndexOf('</script>')),
  };
}

function between(page: string, start: string, end: number): string {
  const from = page.indexOf(start) + start.length;
  if (from < start.length || end < from) {
    throw new Error(`The page of @graphql-yoga/render-graphiql no longer has one ${start}.`);
  }
  return page.slice(from, end);
}

function oidcClientFile(): string {
  const manifest = require.resolve('oidc-client-ts/package.json');
  return manifest.replace(/package\.json$/, 'dist/browser/oidc-client-ts.min.js');
}
