import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';

interface Plugin {
  readonly name: string;
  readonly transform: (code: string, id: string) => string | undefined;
}

const required = /\brequire\((["'])([\w:/]+)\1\)/g;

/**
 * Makes CommonJS packages that the product's bundles contain fit for an app's own bundler. An ES module that esbuild
 * makes has no `require`: its first use would throw "Dynamic require of "crypto" is not supported". Modules of Node come
 * from `process.getBuiltinModule` instead.
 *
 * @param packages names, or scopes such as `@sigstore`
 */
export function builtinsWithoutRequire(packages: readonly string[]): Plugin {
  return {
    name: 'builtins-without-require',
    transform: (code, id) =>
      packageOf(id, packages) === undefined
        ? undefined
        : code.replaceAll(required, (call, quote: string, module: string) =>
            isBuiltin(module) ? `process.getBuiltinModule(${quote}${module}${quote})` : call,
          ),
  };
}

/** As {@link builtinsWithoutRequire}; the licence of each package stands once in the bundle. */
export function inlineCommonJs(packages: readonly string[]): Plugin {
  const { transform } = builtinsWithoutRequire(packages);
  /** The module of each package that carries the licence, in each format. */
  const carriers = new Map<string, string>();
  return {
    name: 'inline-common-js',
    transform(code, id) {
      const found = packageOf(id, packages);
      if (found === undefined) return undefined;
      const carrier = carriers.get(found.directory) ?? id;
      carriers.set(found.directory, carrier);
      if (carrier !== id) return transform(code, id);
      const licence = readFileSync(join(found.directory, 'LICENSE'), 'utf8').trim();
      return `/*! ${found.name}\n${licence}\n*/\n${transform(code, id) ?? code}`;
    },
  };
}

function packageOf(
  id: string,
  packages: readonly string[],
): { readonly name: string; readonly directory: string } | undefined {
  const path = id.replaceAll('\\', '/');
  const name = packages.find((one) => path.includes(`/node_modules/${one}/`));
  if (name === undefined) return undefined;
  const directory = `/node_modules/${name}`;
  return { name, directory: path.slice(0, path.lastIndexOf(`${directory}/`)) + directory };
}
