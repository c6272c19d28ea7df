const width = 28;

/** `━━━━━━━━────────── 43 %` */
export function progressBar(fraction: number): string {
  const bounded = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0));
  const filled = Math.round(bounded * width);
  return `${'━'.repeat(filled)}${'╌'.repeat(width - filled)} ${String(Math.round(bounded * 100)).padStart(3)} %`;
}
