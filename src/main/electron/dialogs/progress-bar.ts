import type { UpdateState } from '../../../shared/state.ts';

/** What dock and taskbar show: `[value, mode]` of `setProgressBar`. Below 0 is none, above 1 has no end. Pure. */
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
