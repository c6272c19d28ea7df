/** The app is bundled whole: electron-builder neither rebuilds dependencies nor packs node_modules. */
export default function beforeBuild(): boolean {
  return false;
}
