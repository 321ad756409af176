// Next.js bundles only what is in its folder: copies the files that all servers share, and builds.
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';

for (const name of ['schema.js', 'matrix-options.js']) {
  copyFileSync(`../servers/${name}`, `app/graphql/${name}`);
}
// The build evaluates the route, which needs an issuer and an audience.
const { status } = spawnSync(process.execPath, ['node_modules/next/dist/bin/next', 'build'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: '1',
    OIDC_ISSUER: 'https://issuer.test/',
    OIDC_AUDIENCE: 'https://api.test',
  },
});
process.exitCode = status ?? 1;
