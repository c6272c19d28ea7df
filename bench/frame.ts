/**
 * The frame of all benchmarks. A benchmark is a module `bench/<name>.ts` that exports `bench`. `npm run bench --
 * <name>` runs it. The contenders take turns within one run, so that other load on the machine affects all of them.
 * Figures are medians, and the ratio is what counts.
 */

export interface Bench {
  /** One line that says what is compared. */
  readonly about: string;
  run(report: BenchReport): Promise<readonly BenchRow[]>;
  /** The rows in Markdown, for docs/measurements.md. @defaultValue not printed */
  docs?(rows: readonly BenchRow[]): string;
}

/** One comparison. Lower is better, so a ratio below 1 means that ours wins. */
export interface BenchRow {
  readonly case: string;
  /** Includes its unit: `time ms`, `peak RSS MB` … */
  readonly metric: string;
  readonly ours: number;
  readonly baseline: number;
  readonly ratio: number;
}

/** Receives a benchmark's progress. */
export interface BenchReport {
  note(line: string): void;
  /** False for a case that the command line excludes. */
  wants(title: string): boolean;
}

/** The measurements of one run of a contender, by metric. */
export type Measures = Readonly<Record<string, number>>;

/** A candidate that is measured repeatedly. */
export interface Contender {
  readonly name: string;
  run(): Promise<Measures>;
}

/** The medians of a contender's measurements. */
export interface Result {
  readonly name: string;
  readonly medians: Measures;
  readonly runs: readonly Measures[];
}

export interface InTurnOptions {
  /** Measured runs of each contender. @defaultValue 5 */
  readonly rounds?: number;
  /** Warm-up runs, which do not count. @defaultValue 1 */
  readonly warmUps?: number;
}

/** Runs the contenders in the order a, b, c, a, b, c … and returns the medians of each. */
export async function inTurn(
  contenders: readonly Contender[],
  report: Pick<BenchReport, 'note'>,
  options: InTurnOptions = {},
): Promise<readonly Result[]> {
  const { rounds = 5, warmUps = 1 } = options;
  const runs = contenders.map((): Measures[] => []);
  for (let round = -warmUps; round < rounds; round++) {
    report.note(round < 0 ? 'warm-up' : `round ${round + 1} of ${rounds}`);
    for (const [index, contender] of contenders.entries()) {
      const measures = await contender.run();
      if (round >= 0) runs[index]?.push(measures);
    }
  }
  return contenders.map(({ name }, index) => ({
    name,
    runs: runs[index] ?? [],
    medians: mediansOf(runs[index] ?? []),
  }));
}

/** Compares the first result with each of the others, metric by metric. */
export function compare(title: string, results: readonly Result[]): readonly BenchRow[] {
  const [ours, ...baselines] = results;
  if (ours === undefined) return [];
  return baselines.flatMap((baseline) =>
    Object.keys(ours.medians)
      .filter((metric) => metric in baseline.medians)
      .map((metric) =>
        row(`${title}, ${baseline.name}`, metric, ours.medians[metric] ?? NaN, baseline.medians[metric] ?? NaN),
      ),
  );
}

export function row(title: string, metric: string, ours: number, baseline: number): BenchRow {
  return { case: title, metric, ours: rounded(ours), baseline: rounded(baseline), ratio: rounded(ours / baseline) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

function mediansOf(runs: readonly Measures[]): Measures {
  const metrics = Object.keys(runs[0] ?? {});
  return Object.fromEntries(metrics.map((metric) => [metric, median(runs.map((run) => run[metric] ?? NaN))]));
}

/** Rounds to three significant digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
