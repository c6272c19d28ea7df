import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openUnfinishedTasks, requestDigest } from './unfinished-tasks.ts';

let directory: string;
let now = 0;
const open = (): ReturnType<typeof openUnfinishedTasks> =>
  openUnfinishedTasks(join(directory, 'tasks.json'), () => now);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tasks-'));
});
afterEach(async () => rm(directory, { recursive: true }));

it('finds a task by what was sent, in another run, until it has ended or an hour is over', async () => {
  const [one, other] = [requestDigest('https://a.example', { a: 1 }), requestDigest('https://b.example', { a: 1 })];
  now = 1_000;
  await open().add('first', one);
  const found = await open().find(one);
  const elsewhere = await open().find(other);
  await open().add('second', other);
  await open().remove('first');
  const ended = await open().find(one);
  now += 3_599_999;
  const inTime = await open().find(other);
  now += 1;
  expect({ found, elsewhere, ended, inTime, late: await open().find(other) }).toEqual({
    found: 'first',
    elsewhere: undefined,
    ended: undefined,
    inTime: 'second',
    late: undefined,
  });
});

it('remembers nothing without a file', async () => {
  const tasks = openUnfinishedTasks(undefined);
  await tasks.add('first', 'request');
  expect(await tasks.find('request')).toBeUndefined();
});
