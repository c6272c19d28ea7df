import type { ReleaseSummary } from '../../../src/shared/state.ts';
import { byId, setText } from '../dom.ts';
import { renderReleaseNotes } from './inert-markdown.ts';

/**
 * Shows release notes. Long notes end in a fade, and a button shows the rest, so that there is only one scroll bar. The
 * result shows the notes of a release, or nothing.
 */
export function createReleaseNotes(): (release: ReleaseSummary | undefined) => void {
  const section = byId('release', HTMLElement);
  const box = byId('release-notes', HTMLElement);
  const more = byId('more-notes', HTMLButtonElement);
  let shown = '';
  let isWhole = false;

  const fit = (): void => {
    box.classList.toggle('cut', !isWhole);
    const isLong = box.scrollHeight > box.clientHeight + 40;
    box.classList.toggle('cut', isLong);
    more.hidden = !isLong;
  };
  more.addEventListener('click', () => {
    isWhole = true;
    fit();
    box.focus();
  });
  // The panel may be closed now, and wider or narrower later.
  new ResizeObserver(fit).observe(box);

  return (release) => {
    const notes = release === undefined ? undefined : notesFor(release.notes, navigator.languages);
    section.hidden = notes === undefined;
    const wanted = `${release?.version}\n${notes}`;
    if (release === undefined || notes === undefined || wanted === shown) return;
    shown = wanted;
    isWhole = false;
    setText(byId('release-title', HTMLElement), `What is new in ${release.version}`);
    box.replaceChildren(...renderReleaseNotes(notes));
    fit();
  };
}

/** The notes in the first available language of the user, or else in English, or else in any language. */
function notesFor(notes: Readonly<Record<string, string>>, languages: readonly string[]): string | undefined {
  const tags = [...languages.flatMap((language) => [language, language.split('-')[0] ?? language]), 'en'];
  const tag = tags.find((tag) => Object.hasOwn(notes, tag)) ?? Object.keys(notes)[0];
  return tag === undefined ? undefined : notes[tag];
}
