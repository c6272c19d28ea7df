export * from './api.ts';
// electron-updater is CommonJS, so many apps write `import updater from …; const { autoUpdater } = updater`.
export * as default from './api.ts';
