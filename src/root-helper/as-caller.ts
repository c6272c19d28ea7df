/** The group of whoever has no group of its own. */
const nogroup = 65_534;

/**
 * Runs `work` with the rights of the user who asked, and comes back. What that user cannot read is not read for them,
 * and a home that root cannot look into (NFS with root squash, FUSE) can be read all the same. `work` is synchronous,
 * so that nothing else runs with these rights.
 */
export function asCaller<T>(uid: number, work: () => T): T {
  if (uid === 0) return work();
  process.setgroups?.([]);
  process.setegid?.(nogroup);
  process.seteuid?.(uid);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/** Who started pkexec or sudo; 0 when it was root. */
export function callerOf(env: Readonly<Record<string, string | undefined>>): number {
  for (const name of ['PKEXEC_UID', 'SUDO_UID']) {
    const value = env[name] ?? '';
    if (/^\d{1,10}$/.test(value)) return Number(value);
  }
  return 0;
}
