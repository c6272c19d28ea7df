import type { UpdatesApi } from '../../../src/shared/ipc.ts';
import { byId, setText } from '../dom.ts';

/** "Copy report for support". Shows the copied text, so that the user sees what they send. */
export function bindSupport(updates: UpdatesApi): void {
  const button = byId('copy-report', HTMLButtonElement);
  const hint = byId('support-hint', HTMLElement);
  const report = byId('report', HTMLElement);
  const copy = async (): Promise<void> => {
    const answer = await updates.diagnostics();
    if (!answer.ok) return setText(hint, answer.error.message);
    setText(report, answer.report.text);
    report.hidden = false;
    setText(hint, (await copied(answer.report.text)) ? copiedText : byHand(report));
  };
  button.addEventListener('click', () => void copy());
}

const copiedText = 'Copied. This is all that it says:';

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // If the clipboard is not allowed, the text is selected, and the user copies it.
    return false;
  }
}

function byHand(report: HTMLElement): string {
  getSelection()?.selectAllChildren(report);
  report.focus();
  return 'It is selected: copy it with Ctrl C.';
}
