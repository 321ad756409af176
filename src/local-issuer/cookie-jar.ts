/** The cookies of one visit to one site: enough of RFC 6265 to sign in with. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  /** Takes over what an answer sets and deletes. */
  store(headers: Headers): void {
    for (const header of headers.getSetCookie()) {
      const [pair = ''] = header.split(';', 1);
      const separator = pair.indexOf('=');
      const name = pair.slice(0, separator).trim();
      const value = pair.slice(separator + 1).trim();
      // Deleting is setting to nothing.
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }

  /** The value of the Cookie header. Paths are not heeded: all is sent everywhere. */
  header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
