import type { AppFacts } from '../../ports.ts';

/** The environment for a child process: that of this process, without the variables that are valid only here. */
export function childEnvironment({ env }: AppFacts, without: ReadonlySet<string> = new Set()): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && !without.has(name)) kept[name] = value;
  return kept;
}
