import { isIP } from 'node:net';
import { accept, type Parser, refuse } from './setting-parser.ts';
import { show } from './setting-text.ts';

/** Where to listen: an IP address or a host name, without scheme, brackets and port. */
export const listeningHost: Parser<string> = (text) => {
  if (isIP(text) !== 0 || isHostName(text)) return accept(text);
  const mended = text === '*' ? '0.0.0.0' : hostWithin(text);
  return refuse(
    mended !== undefined && (isIP(mended) !== 0 || isHostName(mended))
      ? `${show(text)} must be the bare address or host name: ${mended}`
      : `${show(text)} must be an IP address or a host name, such as 127.0.0.1 or localhost`,
  );
};

/** A host name of letters, digits and hyphens (RFC 1123 §2.1); an IP address is none. */
export function isHostName(text: string): boolean {
  const labels = text.split('.');
  return (
    text.length <= 253 &&
    labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)) &&
    !/^[0-9]+$/.test(labels.at(-1) ?? '')
  );
}

/** The host in something like a URL, lower-case, without brackets and final dot: a guess for messages. */
export function hostWithin(text: string): string | undefined {
  const address = `https://${text.trim().replace(/^https?:\/*/i, '')}`;
  if (!URL.canParse(address)) return undefined;
  return new URL(address).hostname.replace(/^\[|\]$|\.$/g, '');
}
