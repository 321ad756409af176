// Takes the pictures of the documentation from the running product, light and dark.
//
//   npm run pictures [NAME...]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launchChromium } from '../test/browser/chromium.ts';
import { freePorts } from '../test/support/free-ports.ts';
import { pictures } from './pictures.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}docs/images`;
const names = process.argv.slice(2);

const api = await startApi();
const browser = await launchChromium();
try {
  mkdirSync(folder, { recursive: true });
  for (const [name, show] of Object.entries(pictures)) {
    if (names.length > 0 && !names.includes(name)) continue;
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        deviceScaleFactor: 1,
        colorScheme,
        reducedMotion: 'reduce',
        locale: 'en-US',
        timezoneId: 'UTC',
      });
      const page = await context.newPage();
      const shown = await show(page, api.endpoint);
      // Without a cursor that blinks and a tooltip.
      await page.mouse.move(0, 0);
      await page.evaluate('document.activeElement?.blur()');
      await shown.screenshot({
        path: `${folder}/${name}-${colorScheme}.png`,
        animations: 'disabled',
        caret: 'hide',
      });
      await context.close();
    }
  }
} finally {
  await browser.close();
  await api.stop();
}

/** Starts the API with its local issuer, as `npm start` does. */
async function startApi(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const [port] = await freePorts();
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd: root,
    env: { PATH: process.env['PATH'], PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  // It prints its first line when it is ready.
  await Promise.race([once(child.stdout, 'data'), exit]);
  if (child.exitCode !== null) throw new Error('The API did not start.');
  child.stdout.resume();
  return {
    endpoint: `http://localhost:${port}/graphql`,
    async stop() {
      child.kill();
      await exit;
    },
  };
}
