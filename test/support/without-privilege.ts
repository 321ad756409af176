/** Runs something as a user to whom file permissions apply: the superuser reads everything. */
export async function withoutPrivilege<Result>(
  run: () => Result | Promise<Result>,
): Promise<Result> {
  const isSuperuser = process.geteuid?.() === 0;
  if (isSuperuser) process.seteuid?.('nobody');
  try {
    return await run();
  } finally {
    if (isSuperuser) process.seteuid?.(0);
  }
}
