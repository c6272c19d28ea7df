/** The demo app's main process: Notes with its windows in Electron, without them where it was packaged with Node. */
if (process.versions['electron'] === undefined) {
  const { runHeadless } = await import('./headless.ts');
  await runHeadless();
} else {
  const { runInElectron } = await import('./electron.ts');
  // Not awaited: Electron is ready only once this module has been evaluated.
  runInElectron().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
