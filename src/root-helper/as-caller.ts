/** The group `nogroup` of users without a group of their own. */
const nogroup = 65_534;

/**
 * Runs `work` with the rights of the requesting user, and then restores root's. So the helper reads nothing that this user
 * cannot read, and it can read a home that root cannot (NFS with root squash, FUSE). `work` is synchronous, so that nothing
 * else runs with these rights.
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

/** The id of the user who started pkexec or sudo; 0 for root. */
export function callerOf(env: Readonly<Record<string, string | undefined>>): number {
  for (const name of ['PKEXEC_UID', 'SUDO_UID']) {
    const value = env[name] ?? '';
    if (/^\d{1,10}$/.test(value)) return Number(value);
  }
  return 0;
}
