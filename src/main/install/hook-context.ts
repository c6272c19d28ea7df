import type { AppFacts, Clock, Logger, Spawn, SquirrelMac } from '../ports.ts';

/** What an install hook works with. */
export interface HookContext {
  readonly facts: AppFacts;
  /** The private directory of this installation's updates. */
  readonly directory: string;
  readonly spawn: Spawn;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Electron's own updater on macOS; `undefined` elsewhere and in plain Node. */
  readonly squirrel: SquirrelMac | undefined;
  /** Who must have signed a Windows installer (Authenticode); none: nobody is asked. */
  readonly windowsPublishers: readonly string[];
}
