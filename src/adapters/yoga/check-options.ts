import type { UseAuthOptions } from './use-auth.ts';

const known: Readonly<Record<keyof UseAuthOptions, true>> = {
  authenticator: true,
  realm: true,
  resourceMetadata: true,
  refuse: true,
  streams: true,
  clock: true,
};

/**
 * A misspelt option would otherwise be a rule that silently does not hold.
 *
 * @throws {TypeError} That names each option that is wrong, and the mend.
 */
export function checkOptions(options: UseAuthOptions): void {
  const faults = Object.keys(options)
    .filter((name) => !Object.hasOwn(known, name))
    .map((name) => `There is no option ${name}: ${Object.keys(known).join(', ')}.`);
  if (typeof options.authenticator?.authenticate !== 'function') {
    faults.push('authenticator must be what createAuthenticator makes.');
  }
  if (options.refuse !== undefined && !['selection', 'operation'].includes(options.refuse)) {
    faults.push("refuse must be 'selection' or 'operation'.");
  }
  for (const [name, most] of Object.entries(options.streams ?? {})) {
    if (name !== 'perViewer' && name !== 'total' && name !== 'inAll') {
      faults.push(`There is no option streams.${name}: perViewer, total.`);
    } else if (!(most > 0)) faults.push(`streams.${name} must be a number above 0.`);
  }
  for (const name of ['realm', 'resourceMetadata'] as const) {
    if (options[name] !== undefined && !/^[\x20-\x7E]+$/.test(options[name])) {
      faults.push(`${name} must be printable ASCII, as it goes into a header.`);
    }
  }
  if (faults.length > 0) throw new TypeError(`useAuth: ${faults.join(' ')}`);
}
