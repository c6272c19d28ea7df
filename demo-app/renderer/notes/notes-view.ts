import { byId, element, setText } from '../dom.ts';
import { formatFull, formatWhen } from '../format.ts';
import { type Note, type NoteStore, searchNotes } from './note-store.ts';

/** Connects the list and the editor to the store. */
export function showNotes(store: NoteStore): void {
  const list = byId('note-list', HTMLUListElement);
  const search = byId('search', HTMLInputElement);
  const title = byId('note-title', HTMLInputElement);
  const text = byId('note-text', HTMLTextAreaElement);
  const time = byId('note-time', HTMLTimeElement);
  let open: Note | undefined = store.all()[0];

  const showList = (): void => {
    const found = searchNotes(store.all(), search.value);
    list.replaceChildren(...found.map((note) => listItem(note, note.id === open?.id, () => openFromList(note))));
    const none = byId('no-match', HTMLElement);
    none.hidden = found.length > 0;
    setText(none, search.value === '' ? 'No notes yet. The plus above begins one.' : 'No note says that.');
  };
  const showTime = (): void => {
    setText(time, open === undefined ? '' : formatFull(new Date(open.changedAt)));
  };
  const show = (note: Note | undefined): void => {
    open = note;
    title.value = note?.title ?? '';
    text.value = note?.text ?? '';
    byId('sheet', HTMLElement).hidden = note === undefined;
    byId('no-notes', HTMLElement).hidden = note !== undefined;
    showTime();
    showList();
  };
  /** Draws the list again, and restores the focus to the same note. */
  const openFromList = (note: Note): void => {
    show(note);
    list.querySelector<HTMLElement>('[aria-current]')?.focus();
  };
  const write = (change: Partial<Pick<Note, 'title' | 'text'>>): void => {
    if (open === undefined) return;
    store.change(open.id, change, new Date());
    open = store.all().find((note) => note.id === open?.id);
    showTime();
    showList();
  };
  const add = (): void => {
    search.value = '';
    show(store.add(new Date()));
    title.focus();
  };

  search.addEventListener('input', showList);
  title.addEventListener('input', () => write({ title: title.value }));
  text.addEventListener('input', () => write({ text: text.value }));
  title.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') text.focus();
  });
  byId('new-note', HTMLButtonElement).addEventListener('click', add);
  byId('delete-note', HTMLButtonElement).addEventListener('click', () => {
    if (open !== undefined) store.remove(open.id);
    show(store.all()[0]);
    // The button that had the focus may no longer exist.
    (list.querySelector<HTMLElement>('[aria-current]') ?? byId('new-note', HTMLButtonElement)).focus();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'n' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    add();
  });
  show(open);
}

function listItem(note: Note, current: boolean, onOpen: () => void): HTMLLIElement {
  const when = formatWhen(new Date(note.changedAt), new Date());
  const button = element(
    'button',
    { type: 'button', className: 'note-item' },
    element('span', { className: 'note-item-title', dir: 'auto' }, note.title || 'Untitled'),
    element(
      'span',
      { className: 'note-item-text' },
      element('bdi', { className: 'note-item-time' }, when),
      '  ',
      element('bdi', {}, note.text.split('\n', 1)[0] ?? ''),
    ),
  );
  if (current) button.setAttribute('aria-current', 'true');
  button.addEventListener('click', onOpen);
  return element('li', {}, button);
}
