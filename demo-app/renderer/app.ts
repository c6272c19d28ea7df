import type { UpdatesApi } from '../../src/page/index.ts';
import { openNoteStore } from './notes/note-store.ts';
import { showNotes } from './notes/notes-view.ts';
import { showUpdates } from './updates/updates.ts';

/** The object that the preload script exposes. */
const updates: UpdatesApi = window.updates;

showNotes(openNoteStore(localStorage, new Date()));
void showUpdates(updates);
