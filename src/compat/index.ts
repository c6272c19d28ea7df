export * from './api.ts';
// `import updater from …; const { autoUpdater } = updater`: electron-updater is CommonJS, and many apps import it so.
export * as default from './api.ts';
