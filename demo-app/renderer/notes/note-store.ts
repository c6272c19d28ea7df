export interface Note {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** ISO 8601. */
  readonly changedAt: string;
}

const key = 'notes';

/** The notes, newest first, stored in the window's local storage. */
export interface NoteStore {
  all(): readonly Note[];
  add(now: Date): Note;
  change(id: string, change: Partial<Pick<Note, 'title' | 'text'>>, now: Date): void;
  remove(id: string): void;
}

export function openNoteStore(storage: Storage, now: Date): NoteStore {
  let notes = readNotes(storage) ?? firstNotes(now);
  const save = (changed: readonly Note[]): void => {
    notes = changed.toSorted((a, b) => b.changedAt.localeCompare(a.changedAt));
    storage.setItem(key, JSON.stringify(notes));
  };
  return {
    all: () => notes,
    add(now) {
      const note = { id: crypto.randomUUID(), title: '', text: '', changedAt: now.toISOString() };
      save([note, ...notes]);
      return note;
    },
    change(id, change, now) {
      save(notes.map((note) => (note.id === id ? { ...note, ...change, changedAt: now.toISOString() } : note)));
    },
    remove(id) {
      save(notes.filter((note) => note.id !== id));
    },
  };
}

/** The notes that contain every word of the query. Pure. */
export function searchNotes(notes: readonly Note[], query: string): readonly Note[] {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return notes.filter((note) => {
    const text = `${note.title}\n${note.text}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function readNotes(storage: Storage): readonly Note[] | undefined {
  const stored = storage.getItem(key);
  if (stored === null) return undefined;
  const notes: unknown = JSON.parse(stored);
  return Array.isArray(notes) ? (notes as readonly Note[]) : undefined;
}

function firstNotes(now: Date): readonly Note[] {
  const daysAgo = (days: number): string => new Date(now.getTime() - days * 86_400_000).toISOString();
  return [
    { id: 'welcome', title: 'Welcome to Notes', text: welcome, changedAt: daysAgo(0) },
    { id: 'walk', title: 'A walk along the river', text: walk, changedAt: daysAgo(2) },
    { id: 'bread', title: 'Bread, third try', text: bread, changedAt: daysAgo(9) },
  ];
}

const welcome = `Everything you write stays on this computer.

Notes keeps itself up to date. At the bottom left you see which version you have; open it to look for a new one, to read what changed, or to try the beta.

An update is only installed when two independent signatures agree: the repository’s and the publisher’s. And if a new version should not start, the one before comes back by itself.`;

const walk = `Herons again, three of them, below the weir. The path is closed behind the mill until spring.

Bring the small binoculars next time.`;

const bread = `500 g flour, 375 g water, 10 g salt, 90 g starter.
Fold four times, half an hour apart. Overnight in the cold.

Hotter at the start, longer without the lid.`;
