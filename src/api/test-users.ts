import type { TestUser } from '../server/api-definition.ts';

/**
 * The test users of the local issuer. `reading` and `all` follow from the scopes in the schema's rules;
 * a list works too, such as `['books:read']`.
 */
export const testUsers: readonly TestUser[] = [
  { name: 'manager', scopes: 'reading' },
  { name: 'administrator', scopes: 'all' },
  { name: 'guest', scopes: [] },
];
