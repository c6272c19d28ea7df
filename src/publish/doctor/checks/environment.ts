import semver from 'semver';

import { type Finding, findingsAbout } from './finding.ts';

export interface EnvironmentFacts {
  /** `v24.21.0` */
  readonly node: string;
  /** The version installed in the project; `undefined` if there is none. */
  readonly electron: string | undefined;
}

/** The versions that package.json requires. */
const needed = { node: '>=22.22', electron: '>=40' } as const;

export function checkEnvironment({ node, electron }: EnvironmentFacts): readonly Finding[] {
  const nodes = findingsAbout('Node');
  const electrons = findingsAbout('Electron');
  return [
    semver.satisfies(node, needed.node)
      ? nodes.ok(node)
      : nodes.fail(`${node} is too old.`, `Use Node ${needed.node} to build and to publish.`),
    ...(electron === undefined
      ? []
      : [
          semver.satisfies(electron, needed.electron, { includePrerelease: true })
            ? electrons.ok(electron)
            : electrons.fail(`${electron} is too old.`, `Use Electron ${needed.electron}.`),
        ]),
  ];
}
