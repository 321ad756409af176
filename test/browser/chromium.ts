import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const path = '/usr/bin/chromium';

/**
 * Starts Debian's Chromium, quiet: it calls nobody by itself.
 *
 * @throws {Error} That says what to install, where it is missing.
 */
export function launchChromium(): Promise<Browser> {
  if (!existsSync(path)) {
    throw new Error(`There is no ${path}: apt-get install --yes chromium`);
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
