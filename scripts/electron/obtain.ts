/** `npm run get-electron`: makes sure that there is an Electron for tests and the demo, and says which one it is. */
import { describeElectron, obtainElectron } from './electron-dist.ts';

const electron = await obtainElectron((line) => console.log(line));
console.log(describeElectron(electron));
