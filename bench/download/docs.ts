import type { BenchRow } from '../frame.ts';

/** Titles of the cases, by which {@link toDocs} finds them. */
export const titles = {
  baseline: (name: string) => `200 MB, ${name}`,
  size: (megabytes: number) => `${megabytes} MB, ours at 200 MB`,
  dying: '200 MB, first mirror dies at 50 %, undisturbed',
} as const;

/** The rows as tables for docs/measurements.md. */
export function toDocs(rows: readonly BenchRow[], baselines: readonly string[]): string {
  const find = (title: string, metric: string): BenchRow | undefined =>
    rows.find((row) => row.case === title && row.metric === metric);
  const cells = (title: string, side: 'ours' | 'baseline'): string[] => {
    const time = find(title, 'time ms');
    const ratio = side === 'ours' || time === undefined ? '1' : (time.baseline / time.ours).toFixed(2);
    const rest = ['peak RSS MB', 'longest block ms'].map((metric) => find(title, metric)?.[side]);
    return [`${time?.[side] ?? '?'} ms`, ratio, ...rest.map((value, index) => unit(value, ['MB', 'ms'][index]))];
  };
  const [first = ''] = baselines;
  const contenders = [
    ['ours', ...cells(titles.baseline(first), 'ours').map((cell, index) => (index === 0 ? `**${cell}**` : cell))],
    ...baselines.map((name) => [name, ...cells(titles.baseline(name), 'baseline')]),
  ];
  const small = find(titles.size(50), 'peak RSS MB');
  const large = find(titles.size(1000), 'peak RSS MB');
  const dying = find(titles.dying, 'received MB');
  const far = rows.filter((row) => row.case.includes('round trip'));
  const others = [
    ['peak memory at 50 MB, 200 MB, 1 GB', `${small?.ours}, ${small?.baseline}, ${large?.ours} MB`],
    ['a first mirror that dies at 50 %', `${dying?.ratio.toFixed(2)} of the bytes of an undisturbed download`],
    ...far.map((row) => [row.case, `${seconds(row.ours)} and ${seconds(row.baseline)}: ${row.ratio.toFixed(2)}`]),
  ];
  return [
    table(['', 'time', 'against ours', 'peak memory', 'longest block of the event loop'], contenders),
    table(['ours, otherwise', ''], others),
  ].join('\n\n');
}

function unit(value: number | undefined, name = ''): string {
  return value === undefined ? '' : `${value} ${name}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n');
}
