import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { assetPath, callbackPage, callbackPath, graphiqlPage } from './page.ts';
import type { SignInSettings } from './sign-in-settings.ts';

/** A file of the page. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  /** The ETag; changes with the body. */
  readonly tag: string;
}

/** The page, and its other files by path. */
export interface Assets {
  readonly page: Asset;
  readonly byPath: ReadonlyMap<string, Asset>;
}

const require = createRequire(import.meta.url);

const html = 'text/html; charset=utf-8';
const css = 'text/css; charset=utf-8';
const script = 'text/javascript; charset=utf-8';

/** Our scripts and stylesheet, which are sent to browsers as written. */
const ownFiles = [
  'main.js',
  'session.js',
  'authorized-fetch.js',
  'access-problem.js',
  'messages.js',
  'bar.js',
  'callback.js',
  'bar.css',
] as const;

/** Beside this module, in the sources and in the build. */
const ownFolder = new URL('browser/', import.meta.url);

/** Loads the files of the page. This takes tens of megabytes of memory. */
export async function loadAssets(
  settings: SignInSettings,
  tabs: readonly string[],
): Promise<Assets> {
  const graphiql = loadGraphiql(tabs, new URL(settings.endpoint).pathname);
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
 * Extracts GraphiQL from the single page that its package renders. As files it needs no inline scripts,
 * and browsers cache it.
 */
function loadGraphiql(
  tabs: readonly string[],
  endpoint: string,
): {
  readonly script: string;
  readonly style: string;
} {
  // Not imported: Node caches a failed import forever, for example if there was no free file
  // descriptor.
  const {
    renderGraphiQL,
  }: typeof import('@graphql-yoga/render-graphiql') = require('@graphql-yoga/render-graphiql');
  const page = renderGraphiQL({
    // These are written into a script without escaping: never add anything from a request.
    endpoint,
    // The browser must not store a token that was typed into the Headers tab.
    shouldPersistHeaders: false,
    defaultTabs: tabs.map((query) => ({ query })),
  });
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
