import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Builds the page of GraphiQL, unless it is the build of the present sources. */
export default function buildPage(): void {
  const script = fileURLToPath(new URL('../../scripts/build.js', import.meta.url));
  const { status } = spawnSync(process.execPath, [script, '--if-changed', '--page'], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The page of GraphiQL could not be built.');
}
