/** Runs a function as an unprivileged user, since the superuser can read every file. */
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
