import { defineConfig, type OxlintOverride } from 'oxlint';

/**
 * The directions of ARCHITECTURE.md as rules: which rooms each room may import. A room is a folder or a file under
 * `src/`; what is not listed is refused. Rooms meet through `main/ports.ts` and are wired in `main/compose.ts`.
 */
const base = ['shared', 'files'];
const seams = [...base, 'main/ports'];
export const rooms: Record<string, readonly string[]> = {
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
/** Rooms that only compositions may import. */
export const compositions: readonly string[] = [
  'main/electron',
  'main/compose',
  'main/rooms',
  'main/headless',
  'compat',
  'demo-app',
  'test',
  'bench',
  'scripts',
];
const electronRooms = ['src/main/electron/**', 'src/preload/**'];
const electronMessage =
  'Only src/main/electron and src/preload import electron, so that everything else runs in plain Node.';

function directions(room: string, allowed: readonly string[]): OxlintOverride {
  const forbidden = [...Object.keys(rooms), ...compositions].filter(
    (other) => other !== room && !allowed.includes(other),
  );
  return {
    files: [`src/${room}/**/*.ts`, `src/${room}.ts`],
    excludeFiles: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: electronRooms.includes(`src/${room}/**`) ? [] : [{ name: 'electron', message: electronMessage }],
          patterns: [
            {
              regex: `^(\\.\\.?/)+(src/)?(${forbidden.map(specifier).join('|')})(/|\\.ts$)`,
              message: `src/${room} may import only: ${allowed.join(', ') || 'nothing but libraries'}. See ARCHITECTURE.md.`,
            },
            { regex: '^(\\.\\./)+(main/)?index\\.ts$', message: 'Nothing imports a composition. See ARCHITECTURE.md.' },
          ],
        },
      ],
    },
  };
}

/** `main/trust` is imported as `../trust/…` from its siblings and as `../main/trust/…` from elsewhere. */
function specifier(room: string): string {
  return room.replace(/^main\//, '(main/)?');
}

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  options: { typeAware: true },
  categories: { correctness: 'error', suspicious: 'error' },
  ignorePatterns: ['dist/**', 'demo-app/dist/**', '/release/**', 'node_modules/**', 'test/fixtures/**', '.cache/**'],
  rules: {
    'import/no-cycle': 'error',
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
      files: ['*.config.ts', 'src/builder/**', 'scripts/**', 'demo-app/build/**'],
      rules: { 'import/no-default-export': 'off' },
    },
    {
      files: ['src/main/{compose,headless}.ts', 'src/compat/**'],
      rules: { 'no-restricted-imports': ['error', { paths: [{ name: 'electron', message: electronMessage }] }] },
    },
    ...Object.entries(rooms).map(([room, allowed]) => directions(room, allowed)),
  ],
});
