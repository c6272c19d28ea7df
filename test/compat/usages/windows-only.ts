import { NsisUpdater } from 'electron-updater';

/** What only the class for Windows has. */
export async function run(): Promise<unknown> {
  const updater = new NsisUpdater();
  updater.installDirectory = 'C:\\Notes';
  updater.verifyUpdateCodeSignature = async (publishers, path) =>
    Promise.resolve(publishers.length > 0 && path !== '' ? null : 'not signed');
  return [updater.installDirectory, await updater.verifyUpdateCodeSignature([], ''), updater instanceof NsisUpdater];
}
