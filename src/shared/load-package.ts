/** A package is not installed that only some users need. */
export class MissingPackageError extends Error {
  override readonly name = 'MissingPackageError';
}

/**
 * Loads an optional peer where it is needed.
 *
 * @param user What needs it, to begin a sentence with.
 * @throws MissingPackageError if it is not installed; the message says how to install it.
 */
export async function loadPackage<Package>(
  name: string,
  user: string,
  load: () => Promise<Package>,
): Promise<Package> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(cause, name)) throw cause;
    throw new MissingPackageError(
      `${user} requires the package ${name}, which is not installed. Install it: npm install ${name}`,
      { cause },
    );
  }
}

/** Whether it is this package that was not found, rather than one that it imports. */
function isMissing(cause: unknown, name: string): boolean {
  if (!(cause instanceof Error && 'code' in cause)) return false;
  return cause.code === 'ERR_MODULE_NOT_FOUND' && cause.message.includes(`'${name}'`);
}
