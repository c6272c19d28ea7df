import { appAddress } from './protocol.ts';

/** A frame of a page, as `senderFrame` and `mainFrame` give it. */
export interface Frame {
  readonly url: string;
  readonly origin: string;
  readonly parent: Frame | null;
  readonly top: Frame;
  readonly processId: number;
  readonly routingId: number;
  readonly frameTreeNodeId: number;
  readonly detached: boolean;
  readonly frames: readonly Frame[];
  isDestroyed(): boolean;
  send(channel: string, ...args: unknown[]): void;
}

/** What Chromium says about frames. */
export interface FrameDescription {
  readonly id: string;
  readonly parentId?: string;
  readonly url: string;
  readonly urlFragment?: string;
}

/** The frames of one page. The main frame is there from the beginning, without an address. */
export interface FrameTree {
  readonly main: Frame;
  /** The main frame's id is known once the page is open. */
  setMain(id: string): void;
  navigated(description: FrameDescription): Frame;
  attached(id: string, parentId: string): void;
  detached(id: string): void;
  /** Chromium's word for a document's origin: `://` is an opaque one. */
  setOrigin(id: string, origin: string): void;
  byId(id: string): Frame | undefined;
}

export function createFrameTree(
  contentsId: number,
  isDestroyed: () => boolean,
  send: (frame: Frame, channel: string, args: readonly unknown[]) => void,
): FrameTree {
  interface Node extends Frame {
    address: string;
    isOpaque: boolean;
    gone: boolean;
  }
  const nodes = new Map<string, Node>();
  let last = 0;

  function create(parent: Node | null): Node {
    last += 1;
    const node: Node = {
      address: '',
      isOpaque: false,
      gone: false,
      parent,
      get url() {
        return appAddress(this.address);
      },
      get origin() {
        return this.isOpaque ? 'null' : originOf(this.url);
      },
      get top() {
        return parent?.top ?? node;
      },
      get frames() {
        return [...nodes.values()].filter((other) => other.parent === node);
      },
      get detached() {
        return node.gone;
      },
      processId: contentsId,
      routingId: last,
      frameTreeNodeId: contentsId * 1000 + last,
      isDestroyed: () => node.gone || isDestroyed(),
      send: (channel, ...args) => send(node, channel, args),
    };
    return node;
  }

  const main = create(null);
  return {
    main,
    setMain: (id) => void nodes.set(id, main),
    attached(id, parentId) {
      nodes.set(id, create(nodes.get(parentId) ?? main));
    },
    navigated({ id, parentId, url, urlFragment = '' }) {
      const node = nodes.get(id) ?? create(parentId === undefined ? null : (nodes.get(parentId) ?? main));
      nodes.set(id, node);
      node.address = `${url}${urlFragment}`;
      return node;
    },
    detached(id) {
      const node = nodes.get(id);
      if (node !== undefined) node.gone = true;
      nodes.delete(id);
    },
    setOrigin(id, origin) {
      const node = nodes.get(id);
      if (node !== undefined) node.isOpaque = origin === '://' || origin === 'null';
    },
    byId: (id) => nodes.get(id),
  };
}

function originOf(url: string): string {
  if (url.startsWith('file:')) return 'file://';
  if (!URL.canParse(url)) return 'null';
  const { protocol, host, origin } = new URL(url);
  return origin === 'null' && host !== '' ? `${protocol}//${host}` : origin;
}
