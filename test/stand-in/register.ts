import { registerHooks } from 'node:module';

const module = new URL('electron/index.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: module, shortCircuit: true } : next(specifier, context),
});

const facts = { electron: '45.4.1', chrome: '150.0.0.0' };
for (const [name, value] of Object.entries(facts)) {
  Object.defineProperty(process.versions, name, { value, enumerable: true });
}
