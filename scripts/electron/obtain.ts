/** `npm run get-electron`: makes sure that Electron is available for tests and the demo, and prints which one it is. */
import { describeElectron, obtainElectron } from './electron-dist.ts';

const electron = await obtainElectron((line) => console.log(line));
console.log(describeElectron(electron));
