/** A target in absolute form, as proxies are sent (RFC 9112 §3.2.2), without scheme and host. */
export function originForm(target: string): string {
  return /^https?:\/\//i.test(target) ? target.replace(/^https?:\/\/[^/?]*/i, '') || '/' : target;
}
