import { describe, expect, it } from 'vitest';

import { firstStartOf, capOf, resolveSettings, type UpdaterSettings } from './settings.ts';

describe('resolveSettings', () => {
  it('does nothing by itself without options', () => {
    const { isMetered, installAt, channel, allowDowngrade, deltas, ...rest } = resolveSettings({});
    expect({
      isMetered: isMetered(),
      installAt: installAt('1.1.0'),
      channel: channel(),
      allowDowngrade: allowDowngrade(),
      deltas: deltas(),
      ...rest,
    }).toEqual({
      isMetered: false,
      installAt: 'quit',
      channel: undefined,
      allowDowngrade: false,
      deltas: true,
      everyMs: undefined,
      policy: { download: 'none', restartForCritical: false, quietHours: [], onBattery: true, onMetered: false },
      channels: [],
      mayGoBack: undefined,
      onOutcome: undefined,
    });
  });

  it('asks functions each time, and takes no odd answer for a yes', () => {
    const answers: unknown[] = [];
    const next = (): never => answers.shift() as never;
    const settings = resolveSettings({ installAt: next, channel: next, allowDowngrade: next, deltas: next });
    answers.push('next-launch', 'sometime', 'beta', undefined, true, 'true', 1, true);
    expect({
      installAt: [settings.installAt('1.1.0'), settings.installAt('1.1.0')],
      channel: [settings.channel(), settings.channel()],
      allowDowngrade: [settings.allowDowngrade(), settings.allowDowngrade()],
      deltas: [settings.deltas(), settings.deltas()],
    }).toEqual({
      installAt: ['next-launch', 'now'],
      channel: ['beta', undefined],
      allowDowngrade: [true, false],
      deltas: [false, true],
    });
    answers.push('../beta');
    expect(() => settings.channel()).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });

  it('takes `automatic: true` with the defaults, and each field by itself', () => {
    const quiet = {
      download: 'critical',
      restartForCritical: true,
      quietHours: ['22:00-07:00'],
      everyMs: 60_000,
    } as const;
    const settings = [{ automatic: true }, { automatic: quiet, installAt: 'next-launch', channels: ['beta'] } as const];
    expect(settings.map(resolveSettings)).toMatchObject([
      { everyMs: 14_400_000, policy: { download: 'all', restartForCritical: false } },
      {
        everyMs: 60_000,
        policy: { download: 'critical', restartForCritical: true, quietHours: [{ from: 1320, to: 420 }] },
        channels: ['beta'],
      },
    ]);
    expect(settings.map((given) => resolveSettings(given).installAt('1.1.0'))).toEqual(['quit', 'next-launch']);
  });

  it.each([
    [{ allowDowngrade: 'yes' }, 'The option "allowDowngrade" must be true, false or a function; it is "yes".'],
    [{ deltas: 1 }, 'The option "deltas" must be true, false or a function; it is 1.'],
    [{ automatic: 'yes' }, 'The option "automatic" must be true, false or an object; it is "yes".'],
    [
      { automatic: { everyMs: 1000 } },
      'The option "automatic.everyMs" must be a number of milliseconds from one minute to 30 days; it is 1000.',
    ],
    [
      { automatic: { download: 'some' } },
      'The option "automatic.download" must be one of all, critical, none; it is "some".',
    ],
    [{ automatic: { onBattery: 1 } }, 'The option "automatic.onBattery" must be true or false; it is 1.'],
    [{ automatic: { quietHours: '22-7' } }, 'The option "automatic.quietHours" must be a list such as'],
    [{ installAt: 'later' }, 'The option "installAt" must be one of now, quit, next-launch; it is "later".'],
    [{ channels: 'beta' }, 'The option "channels" must be a list of channel names; it is "beta".'],
    [{ channels: ['Beta!'] }, 'Beta!'],
    [{ isMetered: true }, 'The option "isMetered" must be a function; it is true.'],
    [{ maxBytesPerSecond: -1 }, 'The option "maxBytesPerSecond" must be a number of bytes'],
    [{ maxBytesPerSecond: '1M' }, 'The option "maxBytesPerSecond" must be a number of bytes'],
    [{ firstStart: 3 }, 'The option "firstStart" must be an object; it is 3.'],
    [{ firstStart: { failures: 0 } }, 'The option "firstStart.failures" must be a whole number from 1 to 10; it is 0.'],
    [{ firstStart: { hangMs: 4999 } }, '"firstStart.hangMs" must be a whole number from 5000 to 600000; it is 4999.'],
    [{ firstStart: { loadMs: '60s' } }, '"firstStart.loadMs" must be a whole number from 1000 to 600000; it is "60s".'],
    [{ firstStart: { watchMs: Infinity } }, '"firstStart.watchMs" must be a whole number from 1000 to 3600000'],
    [{ firstStart: { loadSeconds: 5 } }, '"firstStart.loadSeconds" must be nothing: there are failures, loadMs'],
    [{ onOutcome: {} }, 'The option "onOutcome" must be a function; it is {}.'],
  ])('says in a sentence what is wrong with %j', (settings, sentence) => {
    expect(() => resolveSettings(settings as unknown as UpdaterSettings)).toThrow(
      expect.objectContaining({
        code: 'OPTIONS_INVALID',
        message: expect.stringContaining(sentence) as string,
      }) as Error,
    );
  });
});

describe('capOf', () => {
  it('is a number that stays, or a function that is asked', () => {
    let cap = 1000;
    const asked = capOf(() => cap);
    const before = [capOf(undefined)(), capOf(500)(), asked()];
    cap = 0;
    expect([...before, asked()]).toEqual([undefined, 500, 1000, 0]);
  });

  it('takes of the limits of a first start what is given', () => {
    expect({ none: firstStartOf(), some: firstStartOf({ failures: 3, loadMs: undefined }) }).toEqual({
      none: {},
      some: { failures: 3 },
    });
  });
});
