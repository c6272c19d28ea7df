// Runs before each command of this project. ES2015 syntax, so that every Node that can meet it can read it.
const version = process.versions.node;
const parts = version.split('.').map(Number);

if (parts[0] < 22 || (parts[0] === 22 && parts[1] < 22)) {
  console.error(
    'The scripts of this project need Node 22.22 or newer, and this is ' +
      version +
      '.\n' +
      '"npm ci" brings Node 24 along, unless its install scripts are switched off. Run: npm rebuild node --ignore-scripts=false',
  );
  process.exit(1);
}
