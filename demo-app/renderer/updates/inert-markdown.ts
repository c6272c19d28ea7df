import { element } from '../dom.ts';

/**
 * Renders release notes as headings, lists, paragraphs, emphasis and code. Creates only text nodes and a fixed set of
 * elements without attributes, so that markup appears as text, and links and images as their words.
 */
export function renderReleaseNotes(markdown: string): HTMLElement[] {
  const blocks: HTMLElement[] = [];
  for (const line of markdown.split(/\r?\n/)) {
    const heading = /^#{1,6}\s+(.*)$/.exec(line);
    const bullet = /^\s*[-*+]\s+(.*)$/.exec(line);
    const number = /^\s*\d+[.)]\s+(.*)$/.exec(line);
    if (heading?.[1] !== undefined) blocks.push(element('h4', {}, ...inline(heading[1])));
    else if (bullet?.[1] !== undefined) appendItem(blocks, 'ul', bullet[1]);
    else if (number?.[1] !== undefined) appendItem(blocks, 'ol', number[1]);
    else if (line.trim() === '') blocks.push(element('p', {}));
    else appendText(blocks, line.trim());
  }
  return blocks.filter((block) => block.hasChildNodes());
}

function appendItem(blocks: HTMLElement[], kind: 'ul' | 'ol', text: string): void {
  const last = blocks.at(-1);
  const item = element('li', {}, ...inline(text));
  if (last?.localName === kind) last.append(item);
  else blocks.push(element(kind, {}, item));
}

/** A line continues the paragraph or the list item above it; an empty paragraph stands for an empty line. */
function appendText(blocks: HTMLElement[], text: string): void {
  const last = blocks.at(-1);
  if (last?.localName === 'p') last.append(...(last.hasChildNodes() ? [' '] : []), ...inline(text));
  else if (last?.localName === 'ul' || last?.localName === 'ol') last.lastElementChild?.append(' ', ...inline(text));
  else blocks.push(element('p', {}, ...inline(text)));
}

const token = /!?\[([^\]]*)\]\([^)]*\)|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*]+)\*|\b_([^_]+)_\b|`([^`]+)`/g;

function inline(text: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [whole, label, strong, strongToo, emphasis, emphasisToo, code] = match;
    parts.push(text.slice(end, match.index));
    if (code !== undefined) parts.push(element('code', {}, code));
    else if (label !== undefined) parts.push(label);
    else if (strong !== undefined || strongToo !== undefined)
      parts.push(element('strong', {}, strong ?? strongToo ?? ''));
    else parts.push(element('em', {}, emphasis ?? emphasisToo ?? ''));
    end = match.index + whole.length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== '');
}
