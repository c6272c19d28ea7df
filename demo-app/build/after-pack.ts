import { embedUpdates } from '../../src/builder/index.ts';

/** Embeds the root of trust and the update configuration. `scripts/package-demo.ts` names a directory of its own. */
export default embedUpdates({ update: process.env['NOTES_UPDATE'] ?? 'demo-app/update' });
