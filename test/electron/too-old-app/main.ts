/** An app that creates an updater and reports the result of each of its methods. */
import { app } from 'electron';

import { createUpdater, type UpdateState } from '../../../src/main/index.ts';

/** The function that the test can call. */
export interface OldApp {
  tryAll(): Promise<{
    readonly ready: UpdateState;
    readonly checked: UpdateState;
    readonly confirmed: string;
    readonly report: string;
  }>;
}

const updater = createUpdater({ automatic: true });

const oldApp: OldApp = {
  async tryAll() {
    const ready = await updater.whenReady();
    const checked = await updater.check();
    await updater.confirmHealthy();
    const { summary } = await updater.diagnostics();
    await updater.close();
    return { ready, checked, confirmed: 'no error', report: summary };
  },
};
Object.assign(globalThis, { oldApp });
app.on('window-all-closed', () => undefined);
