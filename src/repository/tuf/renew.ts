import type { RepositoryState } from './state.ts';
import type { Changes } from './sign-changes.ts';

/** RSTUF signs again what expires within the hour. */
const renewWithinMs = 60 * 60 * 1000;

/** What must be signed again at `now`: roles whose expiry is near, but for `neglected` ones. `undefined` when nothing is due. */
export function dueChanges(
  state: RepositoryState,
  now: number,
  neglected: ReadonlySet<string> = new Set(),
): Changes | undefined {
  const due = (role: { readonly expires: string }): boolean => Date.parse(role.expires) - now < renewWithinMs;
  const delegated = new Map(
    Array.from(state.delegated)
      .filter(([name, role]) => due(role) && !neglected.has(name))
      .map(([name, role]) => [name, role.targets]),
  );
  const targets = due(state.targets);
  const snapshot = due(state.snapshot);
  if (delegated.size === 0 && !targets && !snapshot && !due(state.timestamp)) return undefined;
  return { delegated, targets, snapshot };
}
