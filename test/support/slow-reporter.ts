import type { Reporter, TestModule } from 'vitest/node';

/** The seconds a test file without the tag `slow` may take, on a machine half as fast as the one it was written on. */
const limitSeconds = 15;

/** What is known of a test file after a run. */
export interface FileDuration {
  readonly file: string;
  readonly seconds: number;
  readonly isTagged: boolean;
}

/**
 * Keeps `npm run test:quick` below two minutes: names each test file that takes long and lacks the tag `slow`. It fails
 * no run: the same file may take twice as long on another machine.
 */
export const slowReporter: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const line of untaggedLines(modules.map(durationOf))) console.error(line);
  },
};

/** One line for each file that must get the tag. */
export function untaggedLines(files: readonly FileDuration[]): readonly string[] {
  return files
    .filter(({ isTagged, seconds }) => !isTagged && seconds > limitSeconds)
    .map(
      ({ file, seconds }) =>
        `slow: ${file} took ${seconds.toFixed(1)} s, more than ${limitSeconds} s. Make it faster, or let its first line be "// @module-tag slow".`,
    );
}

function durationOf(module: TestModule): FileDuration {
  const isTagged = [...module.children.allTests()].some(({ tags }) => tags.includes('slow'));
  return { file: module.relativeModuleId, seconds: module.diagnostic().duration / 1000, isTagged };
}
