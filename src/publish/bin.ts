#!/usr/bin/env node
// Old versions of Node must be able to read this file: it tells them what the command needs, and imports the rest only
// where it can run. `package.json` has the same version under `engines`.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(
    `electron-tuf needs Node 22.22 or newer, and this is ${process.versions.node}. Get one from https://nodejs.org/, or run "npx -p node@24 -p electron-tuf-updater electron-tuf".\n`,
  );
  process.exitCode = 2;
} else {
  await import('./cli.ts');
}
