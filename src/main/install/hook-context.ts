import type { AppFacts, Clock, Logger, Spawn, SquirrelMac } from '../ports.ts';

/** What every install hook gets. */
export interface HookContext {
  readonly facts: AppFacts;
  /** The private directory that holds this installation's updates. */
  readonly directory: string;
  readonly spawn: Spawn;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Electron's own updater on macOS; `undefined` elsewhere and in plain Node. */
  readonly squirrel: SquirrelMac | undefined;
  /** Publishers of whom one must have signed a Windows installer (Authenticode). If empty, signatures are not checked. */
  readonly windowsPublishers: readonly string[];
}
