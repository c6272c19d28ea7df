/** The demo app's main process: Notes with windows in Electron, or without windows in Node. */
if (process.versions['electron'] === undefined) {
  const { runHeadless } = await import('./headless.ts');
  await runHeadless();
} else {
  const { runInElectron } = await import('./electron.ts');
  // Not awaited, because Electron becomes ready only after this module was evaluated.
  runInElectron().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
