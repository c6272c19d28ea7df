import { autoUpdater } from 'electron-updater';

const token = process.env['NOTES_TOKEN'] ?? 'secret';

/** A private repository of releases: addresses and tokens in code. */
export async function run(): Promise<unknown> {
  autoUpdater.setFeedURL({ provider: 'github', owner: 'example', repo: 'notes', private: true, token });
  autoUpdater.addAuthHeader(`Bearer ${token}`);
  autoUpdater.setFeedURL('https://updates.example.org/notes');
  return [autoUpdater.requestHeaders, autoUpdater.isUpdaterActive()];
}
