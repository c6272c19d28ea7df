import { openRepositoryStore, rotateOnlineKey, rotateRoot, storeContent } from '../../src/repository/index.ts';

/**
 * Publishes without end until it is killed, and says over IPC what it has been promised: `accepted` work must be
 * published after any crash. Every few targets it rotates keys.
 */
const [directory = '', prefix = ''] = process.argv.slice(2);
const store = await openRepositoryStore({ directory });
process.send?.({ type: 'ready' });
for (let index = 0; ; index += 1) {
  const path = `notes/${prefix}/${index}`;
  const artifact = await storeContent(store, path, Buffer.from(path));
  const { done } = await store.accept({ task: 'add_artifacts', artifacts: [artifact], publish: true });
  process.send?.({ type: 'accepted', path });
  if (index % 3 === 0) await rotateOnlineKey(store);
  if (index % 5 === 0) await rotateRoot(store);
  await done;
}
