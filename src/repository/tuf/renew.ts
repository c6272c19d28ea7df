import type { RepositoryState } from './state.ts';
import type { Changes } from './sign-changes.ts';

/** Milliseconds. RSTUF renews metadata that expires within the hour. */
const renewWithinMs = 60 * 60 * 1000;

/** The roles to renew at `now`: those that expire soon, except `neglected` ones. `undefined` if nothing is due. */
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
