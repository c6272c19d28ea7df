import { EventEmitter } from 'node:events';

import { answerOf, protocol } from './protocol.ts';

type RequestHandler = (
  contents: object,
  permission: string,
  answer: (granted: boolean) => void,
  details: object,
) => void;
type CheckHandler = (contents: object | null, permission: string, origin: string, details: object) => boolean;

/** Electron's names of permissions, and Chromium's over DevTools. */
const permissions = [
  ['geolocation', { name: 'geolocation' }],
  ['notifications', { name: 'notifications' }],
  ['media', { name: 'camera' }],
  ['media', { name: 'microphone' }],
  ['midi', { name: 'midi' }],
  ['midiSysex', { name: 'midi', sysex: true }],
  ['clipboard-read', { name: 'clipboard-read' }],
  ['clipboard-sanitized-write', { name: 'clipboard-write' }],
  ['idle-detection', { name: 'idle-detection' }],
  ['local-fonts', { name: 'local-fonts' }],
  ['window-management', { name: 'window-management' }],
] as const;

/** What DevTools' `Browser.setPermission` takes. */
export interface PermissionSetting {
  readonly permission: { readonly name: string; readonly sysex?: boolean };
  readonly setting: 'granted' | 'denied';
}

/** A session's permissions as Electron decides them: what no handler refuses is granted. */
export class Session extends EventEmitter {
  readonly storagePath = null;
  readonly protocol = protocol;
  #request: RequestHandler | null = null;
  #check: CheckHandler | null = null;

  /** Both handlers are asked beforehand, because Chromium here cannot ask while a page waits. */
  permissionsOf(contents: object, url: string): readonly PermissionSetting[] {
    const origin = `${new URL(url).protocol}//${new URL(url).host}/`;
    return permissions.map(([name, permission]) => {
      let granted = this.#check?.(contents, name, origin, {}) ?? true;
      const answer = (allowed: boolean): void => void (granted &&= allowed);
      this.#request?.(Object.assign(Object.create(contents), { getURL: () => url }) as object, name, answer, {});
      return { permission, setting: granted ? 'granted' : 'denied' };
    });
  }

  /** Schemes of the app's only. */
  fetch = async (url: string): Promise<Response> => answerOf(url, 'GET');

  setPermissionRequestHandler(handler: RequestHandler | null): void {
    this.#request = handler;
  }
  setPermissionCheckHandler(handler: CheckHandler | null): void {
    this.#check = handler;
  }
  setCertificateVerifyProc(): void {}
  setDevicePermissionHandler(): void {}
  setSpellCheckerEnabled(): void {}
  async setProxy(): Promise<void> {}
  async forceReloadProxyConfig(): Promise<void> {}
  async resolveProxy(): Promise<string> {
    return Promise.resolve('DIRECT');
  }
  async closeAllConnections(): Promise<void> {}
}

const sessions = new Map<string, Session>();

function fromPartition(name: string): Session {
  const known = sessions.get(name) ?? new Session();
  sessions.set(name, known);
  return known;
}

export const session = { fromPartition, defaultSession: fromPartition('') };
