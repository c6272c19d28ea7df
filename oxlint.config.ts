import { defineConfig, type OxlintOverride } from 'oxlint';

/**
 * The directions of ARCHITECTURE.md as rules. They say which modules each module may import. A module is a folder or a
 * file under `src/`. The rules refuse an import that is not listed. Modules meet through `main/ports.ts`, and
 * `main/compose.ts` connects them.
 */
const base = ['shared', 'files'];
const seams = [...base, 'main/ports'];
export const modules: Record<string, readonly string[]> = {
  shared: [],
  files: ['shared'],
  'main/ports': ['shared'],
  'main/http': seams,
  'main/node': seams,
  'main/trust': [...seams, 'main/http'],
  'main/release': seams,
  'main/download': [...seams, 'main/http'],
  'main/staging': seams,
  'main/install': [...seams, 'main/node'],
  'main/manager': [...seams, 'main/release'],
  'main/options': [...seams, 'main/http'],
  'main/client': [...seams, 'main/http', 'main/node', 'main/trust', 'main/download'],
  preload: ['shared'],
  page: ['shared'],
  'root-helper': [...base, 'main/ports', 'main/trust'],
  builder: base,
  repository: base,
  publish: [...base, 'main/ports', 'main/client', 'main/http', 'main/node', 'main/release', 'repository'],
};
/** Only compositions may import these modules. */
export const compositions: readonly string[] = [
  'main/electron',
  'main/compose',
  'main/services',
  'main/headless',
  'compat',
  'demo-app',
  'test',
  'bench',
  'scripts',
];
/** These modules are one file each. They import the files beside them with one dot. */
const singleFiles: readonly string[] = ['main/ports', 'main/options', 'main/client'];
const electronModules = ['src/main/electron/**', 'src/preload/**'];
const electronMessage =
  'Only src/main/electron and src/preload import electron, so that everything else runs in plain Node.';

/**
 * The directions inside the larger modules. Each folder or file may import itself and those before it in its list.
 * Everything in the module may import a file that is not listed. Tests are exempt.
 */
export const floors: Readonly<Record<string, readonly string[]>> = {
  'main/download': [
    'byte-ranges',
    'mirrors',
    'progress',
    'part',
    'context',
    'job',
    'transfer',
    'delta',
    'fetch-and-verify',
    'download',
    'index',
  ],
  'main/trust': ['contract', 'write-through-store', 'sigstore', 'tuf', 'publisher', 'find-delta', 'index'],
  'main/trust/tuf': ['metadata', 'verify', 'fetch', 'store', 'workflow', 'client'],
  'main/manager': [
    'storage',
    'policy',
    'offer',
    'state',
    'context',
    'diagnostics',
    'actions',
    'automation',
    'update-manager',
  ],
  'main/install': [
    'archive',
    'support',
    'location',
    'hook-context',
    'hooks',
    'state',
    'context',
    'transaction',
    'launch',
    'index',
  ],
  publish: [
    'build',
    'keys',
    'terminal',
    'rstuf',
    'init',
    'client',
    'content',
    'session',
    'decompress',
    'delta',
    'release-index',
    'workflow',
    'doctor/checks',
    'doctor/gather',
    'doctor/run-doctor',
    'commands',
    'cli',
  ],
};

interface Restriction {
  readonly regex: string;
  readonly message: string;
}

function directions(module: string, allowed: readonly string[]): OxlintOverride {
  return restrictImports(module, [`src/${module}/**/*.ts`, `src/${module}.ts`], [betweenModules(module, allowed)]);
}

/** For a file, a later rule replaces an earlier one. These rules therefore repeat the directions between modules. */
function innerDirections(module: string): readonly OxlintOverride[] {
  const order = floors[module] ?? [];
  return order.slice(0, -1).map((floor, index) => {
    const outermost = Object.keys(modules).find((name) => module === name || module.startsWith(`${name}/`)) ?? module;
    const outer = Object.keys(floors).find((other) => module.startsWith(`${other}/`));
    const restrictions = [
      betweenModules(outermost, modules[outermost] ?? []),
      withinModule(module, floor, order.slice(index + 1)),
    ];
    if (outer !== undefined)
      restrictions.push(withinModule(outer, module.slice(outer.length + 1), later(outer, module)));
    return restrictImports(outermost, [`src/${module}/${floor}/**/*.ts`, `src/${module}/${floor}.ts`], restrictions);
  });
}

function later(module: string, inner: string): readonly string[] {
  const order = floors[module] ?? [];
  return order.slice(order.indexOf(inner.slice(module.length + 1)) + 1);
}

function betweenModules(module: string, allowed: readonly string[]): Restriction {
  const forbidden = [...Object.keys(modules), ...compositions].filter(
    (other) => other !== module && !allowed.includes(other),
  );
  const isFile = !module.includes('/') || singleFiles.includes(module);
  return {
    regex: `^${isFile ? '(\\.\\.?/)+' : '(\\.\\./)+'}(src/)?(${forbidden.map(specifier).join('|')})(/|\\.ts$)`,
    message: `src/${module} may import only: ${allowed.join(', ') || 'nothing but libraries'}. See ARCHITECTURE.md.`,
  };
}

function withinModule(module: string, floor: string, above: readonly string[]): Restriction {
  const folder = floor.slice(0, floor.lastIndexOf('/') + 1);
  const names = above.map((name) => (name.startsWith(folder) ? name.slice(folder.length) : name)).join('|');
  return {
    regex: `^(\\./|(\\.\\./)+)(${names})(/|\\.ts$)`,
    message: `src/${module}/${floor} lies below ${above.join(', ')}. See ARCHITECTURE.md.`,
  };
}

function restrictImports(module: string, files: string[], restrictions: readonly Restriction[]): OxlintOverride {
  return {
    files,
    excludeFiles: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: electronModules.includes(`src/${module}/**`) ? [] : [{ name: 'electron', message: electronMessage }],
          patterns: [
            ...restrictions,
            { regex: '^(\\.\\./)+(main/)?index\\.ts$', message: 'Nothing imports a composition. See ARCHITECTURE.md.' },
          ],
        },
      ],
    },
  };
}

/** `main/trust` is imported as `../trust/…` from its siblings and as `../main/trust/…` from elsewhere. */
function specifier(module: string): string {
  return module.replace(/^main\//, '(main/)?');
}

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  options: { typeAware: true },
  categories: { correctness: 'error', suspicious: 'error' },
  ignorePatterns: ['dist/**', 'demo-app/dist/**', '/release/**', 'node_modules/**', 'test/fixtures/**', '.cache/**'],
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'import/no-unassigned-import': 'off',
    'import/no-named-as-default-member': 'off',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/prefer-readonly': 'error',
    'typescript/consistent-return': 'off',
    'typescript/only-throw-error': 'error',
    'typescript/no-unsafe-type-assertion': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/require-post-message-target-origin': 'off',
    'unicorn/no-array-reverse': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'no-empty': ['error', { allowEmptyCatch: false }],
    'no-shadow': 'off',
    'no-await-in-loop': 'off',
    'no-underscore-dangle': 'off',
    eqeqeq: 'error',
    'no-console': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
  },
  overrides: [
    {
      files: ['*.config.ts', 'demo-app/**', 'scripts/**', 'bench/**', 'test/**', 'src/publish/**', 'src/repository/**'],
      rules: { 'no-console': 'off' },
    },
    {
      files: ['*.config.ts', 'src/builder/**', 'src/compat/index.ts', 'scripts/**', 'demo-app/build/**'],
      rules: { 'import/no-default-export': 'off' },
    },
    {
      files: ['src/main/{compose,headless}.ts', 'src/compat/**'],
      rules: { 'no-restricted-imports': ['error', { paths: [{ name: 'electron', message: electronMessage }] }] },
    },
    {
      // A test file is exempt, because a suite of tests is one long function.
      files: ['src/**'],
      excludeFiles: ['**/*.test.ts'],
      rules: { 'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }] },
    },
    ...Object.entries(modules).map(([module, allowed]) => directions(module, allowed)),
    ...Object.keys(floors).flatMap((module) => innerDirections(module)),
  ],
});
