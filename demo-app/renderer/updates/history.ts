import type { UpdateState } from '../../../src/shared/state.ts';

/** One line of the update history. */
export interface HistoryEntry {
  readonly what: 'installed' | 'updated' | 'restored';
  readonly version: string;
  /** ISO 8601. */
  readonly at: string;
  readonly why?: string;
}

const key = 'update-history';
const longest = 20;

/** Newest first. What can not be read is an empty history. */
export function readHistory(storage: Storage): readonly HistoryEntry[] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(key) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isEntry) : [];
  } catch {
    return [];
  }
}

/** Remembers which version runs and whether it was put back. Returns the history with that in it. */
export function recordVersion(
  storage: Storage,
  version: string,
  state: UpdateState,
  now: Date,
): readonly HistoryEntry[] {
  const history = withVersion(readHistory(storage), version, state, now.toISOString());
  storage.setItem(key, JSON.stringify(history));
  return history;
}

/** Pure: adds an entry when the running version is not the newest one in the history. */
export function withVersion(
  history: readonly HistoryEntry[],
  version: string,
  state: UpdateState,
  at: string,
): readonly HistoryEntry[] {
  if (history[0]?.version === version) return history;
  const entry: HistoryEntry =
    state.type === 'rolled-back'
      ? { what: 'restored', version, at, why: `${state.from}: ${state.reason}` }
      : { what: history.length === 0 ? 'installed' : 'updated', version, at };
  return [entry, ...history].slice(0, longest);
}

function isEntry(value: unknown): value is HistoryEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Partial<Record<keyof HistoryEntry, unknown>>;
  return typeof entry.what === 'string' && typeof entry.version === 'string' && typeof entry.at === 'string';
}
