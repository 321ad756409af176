// Bundles servers/workers.js as wrangler does, and runs it in workerd with the variables of this process.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const { PATH, PORT, ...variables } = process.env;
const folder = fileURLToPath(new URL(`dist/${PORT}/`, import.meta.url));

buildSync({
  entryPoints: [fileURLToPath(new URL('../servers/workers.js', import.meta.url))],
  outfile: join(folder, 'workers.js'),
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  conditions: ['workerd', 'worker', 'browser'],
  mainFields: ['browser', 'module', 'main'],
  external: ['cloudflare:workers'],
});

const bindings = Object.keys(variables).map(
  (name) => `(name = "${name}", fromEnvironment = "${name}")`,
);
mkdirSync(folder, { recursive: true });
writeFileSync(
  join(folder, 'config.capnp'),
  `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "api", worker = .api),
    (name = "internet", network = (allow = ["public", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${PORT}", http = (), service = "api")],
);
const api :Workerd.Worker = (
  modules = [(name = "workers", esModule = embed "workers.js")],
  compatibilityDate = "2026-11-01",
  bindings = [${bindings.join(', ')}],
);
`,
);

const workerd = fileURLToPath(import.meta.resolve('@cloudflare/workerd-linux-64/bin/workerd'));
const child = spawn(workerd, ['serve', join(folder, 'config.capnp')], { stdio: 'inherit' });
process.on('SIGTERM', () => child.kill());
child.on('exit', (code) => process.exit(code ?? 0));
