import type { UpdateState } from '../../../shared/state.ts';

/** The arguments of `setProgressBar`: `[value, mode]`. Below 0 hides the bar, above 1 makes it indeterminate. Pure. */
export function progressBar(state: UpdateState): readonly [number, 'normal' | 'paused' | 'indeterminate' | 'none'] {
  switch (state.type) {
    case 'downloading':
    case 'paused': {
      const { received, total } = state.progress;
      return [total === 0 ? 0 : received / total, state.type === 'paused' ? 'paused' : 'normal'];
    }
    case 'verifying':
    case 'installing':
      return [2, 'indeterminate'];
    default:
      return [-1, 'none'];
  }
}
