import { accept, type Parser, refuse } from './setting-parser.ts';

/** The URL of a Redis. It may hold a password, so its fault repeats nothing of it. */
export const redisUrl: Parser<string> = (text) =>
  isRedisUrl(text)
    ? accept(text)
    : refuse(
        'must be the URL of a Redis, such as redis://localhost:6379, or rediss://USER:PASSWORD@redis.example.com:6380/0 with TLS',
      );

function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\/[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname, search, hash, username, password } = new URL(text);
  return (
    hostname !== '' &&
    /^\/?\d*$/.test(pathname) &&
    search === '' &&
    hash === '' &&
    [username, password].every(isDecodable)
  );
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
