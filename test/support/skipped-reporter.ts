import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

import './requires.ts';

/** Says at the end of a run how many tests were skipped for the want of what. */
export const skippedReporter: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    for (const line of skippedLines(tests.map(lackedBy))) console.log(line);
  },
};

/** One line for each thing that is lacking; a test that lacks two is counted for both. */
export function skippedLines(tests: readonly (readonly string[])[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const lack of tests.flat()) counts.set(lack, (counts.get(lack) ?? 0) + 1);
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([lack, count]) => `skipped: ${count} ${count === 1 ? 'test needs' : 'tests need'} ${lack}`);
}

/** By the test or by a `describe` around it; or the reason of a test that skipped itself. */
function lackedBy(test: TestCase): readonly string[] {
  const around: (TestCase | TestSuite)[] = [];
  for (let task: TestCase | TestSuite | TestModule = test; task.type !== 'module'; task = task.parent)
    around.push(task);
  const lacks = new Set(around.flatMap((task) => task.meta().lacks ?? []));
  const result = test.result();
  if (lacks.size === 0 && result.state === 'skipped' && result.note !== undefined) lacks.add(result.note);
  return [...lacks];
}
