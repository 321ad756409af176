import { acceptedTypes } from '../../shared/accept.ts';

/**
 * The media types of GraphQL, in order of preference. Yoga gets the ones that the client accepts as
 * its Accept header: its own parser ignores qualities, and repeats each element of the header in the
 * response.
 */
const graphqlTypes = [
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
  'multipart/mixed',
] as const;

/** Clients choose the number and length of Accept headers. */
const maxRemembered = 100;
const maxRememberedLength = 200;

/** Creates the function that rewrites Accept headers. It remembers what it returned. */
export function createNegotiation(): (accept: string | undefined) => string {
  const known = new Map<string | undefined, string>();
  return (accept) => {
    const found = known.get(accept);
    if (found !== undefined) return found;
    const accepted = acceptedTypes(accept, graphqlTypes).join(', ') || 'none/none';
    if (known.size < maxRemembered && (accept ?? '').length <= maxRememberedLength) {
      known.set(accept, accepted);
    }
    return accepted;
  };
}
