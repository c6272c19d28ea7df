import { describeElectron, findElectron, obtainElectron } from '../../scripts/electron/electron-dist.ts';

/** Before all tests: says which Electron they run in. Continuous integration gets one where there is none. */
export async function setup(): Promise<void> {
  const say = (line: string): void => console.log(line);
  const electron = process.env['CI'] === 'true' ? await obtainElectron(say) : await findElectron();
  if (electron !== undefined) say(describeElectron(electron));
}
