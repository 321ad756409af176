/** What a URI may be made of (RFC 3986 §2), behind a scheme of the web. */
const webUri = /^https?:\/\/(?![/?#])[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/i;

/**
 * The `http` or `https` URI of a request, without query and fragment, in the one form that all its
 * spellings have (RFC 3986 §6.2.2 and §6.2.3): scheme and host in lower case, no default port, no
 * dot segments, `/` for an empty path, `%2D` as `-` and `%c3` as `%C3`. Two URIs are the same target
 * exactly where the results are equal.
 *
 * @returns undefined where the text is no such URI, or holds a user or password
 */
export function normaliseTarget(uri: string): string | undefined {
  if (!webUri.test(uri)) return undefined;
  const [target = ''] = uri.split(/[?#]/, 1);
  const plain = normaliseEscapes(target);
  if (plain === undefined || !URL.canParse(plain)) return undefined;
  const { origin, pathname, username, password } = new URL(plain);
  return username === '' && password === '' ? `${origin}${pathname}` : undefined;
}

/** Decodes what needs no escape, and writes the rest in capitals; undefined where `%` escapes nothing. */
function normaliseEscapes(text: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined;
  return text.replace(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return /[\w\-.~]/.test(character) ? character : escaped.toUpperCase();
  });
}

/** The path of a request target, be it relative (`/graphql?…`) or absolute. */
export function pathOfTarget(url: string): string {
  const [target = ''] = url.split(/[?#]/, 1);
  return target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '') || '/';
}
