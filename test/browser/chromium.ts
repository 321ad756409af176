import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const path = '/usr/bin/chromium';

/**
 * Starts Debian's Chromium without background requests.
 *
 * @throws {Error} If it is not installed.
 */
export function launchChromium(): Promise<Browser> {
  if (!existsSync(path)) {
    throw new Error(`${path} is missing. Install it: apt-get install --yes chromium`);
  }
  return chromium.launch({
    executablePath: path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
