import type { PageSettings } from '../page-settings.ts';

/**
 * Loads what the server tells the page. It is a file, because the content security policy allows no
 * inline scripts.
 *
 * @throws {Error} If the server does not send it.
 */
export async function loadSettings(url: URL): Promise<PageSettings> {
  // As in the `preload` of index.html, or the browser loads it twice.
  const response = await fetch(url, { mode: 'cors', credentials: 'same-origin' });
  if (!response.ok) throw new Error(`The settings could not be loaded: HTTP ${response.status}.`);
  return response.json();
}
