/** A request target without scheme and host: proxies can send the absolute form (RFC 9112 §3.2.2). */
export function toOriginForm(target: string): string {
  if (target.startsWith('/')) return target;
  return /^https?:\/\//i.test(target) ? target.replace(/^https?:\/\/[^/?]*/i, '') || '/' : target;
}

/** The path of a request target, without the query. */
export function pathOf(target: string): string {
  const url = toOriginForm(target);
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
