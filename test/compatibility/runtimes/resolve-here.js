// For `node --import`: servers/*.js import the packages of the current folder instead of their own.
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const servers = new URL('../servers/', import.meta.url).href;
const here = pathToFileURL(join(process.cwd(), 'server.js')).href;

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL = '' } = context;
    const isOfServer = parentURL.startsWith(servers) && !specifier.startsWith('.');
    return next(specifier, isOfServer ? { ...context, parentURL: here } : context);
  },
});
