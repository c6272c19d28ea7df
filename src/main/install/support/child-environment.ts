import type { AppFacts } from '../../ports.ts';

/** The environment of this process for another one, without the variables that are only true here. */
export function childEnvironment({ env }: AppFacts, without: ReadonlySet<string> = new Set()): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && !without.has(name)) kept[name] = value;
  return kept;
}
