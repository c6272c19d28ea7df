import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';

import { silentLogger } from '../../node/logger.ts';
import { openPreferences, type Preferences, type PreferenceStore } from './preferences.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'preferences-'));
  return async () => rm(directory, { recursive: true });
});

const path = (): string => join(directory, 'preferences.json');
const open = () => openPreferences(directory, silentLogger);
const stored = async (): Promise<Preferences> => JSON.parse(await readFile(path(), 'utf8')) as Preferences;

it('stores values between starts, and removes those set to undefined', async () => {
  const first = open();
  const { installId } = await first.get();
  await Promise.all([first.set({ channel: 'beta', skipped: '1.1.0' }), first.set({ skipped: undefined })]);
  expect({ sameProcess: await first.get(), nextStart: await open().get() }).toEqual({
    sameProcess: { installId, channel: 'beta' },
    nextStart: { installId, channel: 'beta' },
  });
});

it('loses no change of another process', async () => {
  const [one, two] = [open(), open()];
  await one.set({ channel: 'beta' });
  await two.get();
  await one.set({ channel: 'stable' });
  const many = Array.from({ length: 10 }, async (_, tries) =>
    Promise.all([one.set({ installTries: { version: '1.1.0', tries } }), two.set({ offered: `1.${tries}.0` })]),
  );
  await Promise.all(many);
  expect(await stored()).toEqual({
    installId: (await one.get()).installId,
    channel: 'stable',
    installTries: { version: '1.1.0', tries: 9 },
    offered: '1.9.0',
  });
});

it('shares with other copies of the app what the user chose, and nothing else', async () => {
  const places = ['one', 'two'].map((name) => join(directory, name));
  const [one, two] = places.map((place) => openPreferences(place, silentLogger, directory));
  if (one === undefined || two === undefined) throw new Error('two copies');
  const remindLater = { version: '1.1.0', since: 1, until: 2 };
  await one.set({ channel: 'beta', remindLater, offered: '1.1.0', downgradeTo: 'beta' });
  await two.set({ skipped: '1.1.0', lastCheck: '2027-01-01T00:00:00Z' });
  const { installId } = await one.get();
  const choices = { installId, channel: 'beta', remindLater, skipped: '1.1.0' };
  expect({ one: await one.get(), two: await two.get() }).toEqual({
    one: { ...choices, offered: '1.1.0', downgradeTo: 'beta' },
    two: { ...choices, lastCheck: '2027-01-01T00:00:00Z' },
  });
  await one.set({ channel: undefined });
  expect((await two.get()).channel).toBeUndefined();
});

it('shares what the first copy remembers from the time when each copy had its own, and gives it no other', async () => {
  const old = [
    { installId: 'first', channel: 'beta', skipped: '1.1.0', installTries: { version: '1.2.0', tries: 1 } },
    { installId: 'second', channel: 'nightly', remindLater: { version: '1.1.0', until: 9 } },
  ];
  const stores: PreferenceStore[] = [];
  for (const [index, preferences] of old.entries()) {
    const place = join(directory, `${index}`);
    await mkdir(place);
    await writeFile(join(place, 'preferences.json'), JSON.stringify(preferences));
    stores.push(openPreferences(place, silentLogger, directory));
  }
  const [first, second] = [await stores[0]?.get(), await stores[1]?.get()];
  const choices = { installId: 'first', channel: 'beta', skipped: '1.1.0' };
  expect({ first, second, stored: await stored() }).toEqual({
    first: { ...choices, installTries: { version: '1.2.0', tries: 1 } },
    second: choices,
    stored: choices,
  });
});

it('ignores only the invalid values of a file', async () => {
  const good = { installId: 'an installation', channel: 'lts', installTries: { version: '1.1.0', tries: 2 } };
  await writeFile(path(), JSON.stringify({ ...good, trustExpires: '2027-01-01T24:00:00Z', remindLater: 7, more: 1 }));
  const read = await open().get();
  await writeFile(path(), JSON.stringify({ channel: 'lts', installId: '' }));
  expect({ partlyValid: read, emptyId: await open().get() }).toEqual({
    partlyValid: good,
    emptyId: { channel: 'lts', installId: expect.any(String) as string },
  });
});

it.each(['', 'garbage', '[]', 'null', '7'])('starts with new preferences if the file is %j', async (content) => {
  await writeFile(path(), content);
  const store = open();
  const { installId } = await store.get();
  await store.set({ channel: 'beta' });
  expect(await open().get()).toEqual({ installId, channel: 'beta' });
});

it('does not overwrite a file that cannot be read now', async () => {
  // The path is a directory. Reading it fails as on a bad disk, with an error other than "not there".
  await mkdir(path());
  const store = open();
  const before = await store.get();
  await store.set({ channel: 'beta' });
  const meanwhile = await store.get();
  await rm(path(), { recursive: true });
  const theirs = { installId: 'an installation', skipped: '1.1.0' };
  await writeFile(path(), JSON.stringify(theirs));
  await store.set({ offered: '1.2.0' });
  expect({ meanwhile, stored: await stored() }).toEqual({
    meanwhile: { ...before, channel: 'beta' },
    stored: { ...theirs, channel: 'beta', offered: '1.2.0' },
  });
});

it('keeps a change in memory if it cannot be written, and writes it later', async () => {
  const file = join(directory, 'in-the-way');
  await writeFile(file, '');
  const store = openPreferences(file, silentLogger);
  await store.set({ channel: 'beta' });
  const kept = (await store.get()).channel;
  await rm(file);
  await store.set({ skipped: '1.1.0' });
  expect({ inMemory: kept, written: await openPreferences(file, silentLogger).get() }).toMatchObject({
    inMemory: 'beta',
    written: { channel: 'beta', skipped: '1.1.0' },
  });
});

it('is written even if the lock is damaged', async () => {
  await mkdir(join(directory, 'preferences.lock'));
  await open().set({ channel: 'beta' });
  expect((await stored()).channel).toBe('beta');
});
