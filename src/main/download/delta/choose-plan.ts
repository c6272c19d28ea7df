/** What one way to the artifact costs. */
export interface PlanCost {
  readonly plan: 'patch' | 'chunks' | 'full';
  /** Bytes that are still to be transferred. */
  readonly bytes: number;
  /** Requests one behind the other. */
  readonly requests: number;
}

/** What is known of the line. */
export interface LineEstimate {
  /** Milliseconds from a request to its first byte. */
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
}

/** A household line, when nothing is known: 20 Mbit/s, 40 ms. */
export const unknownLine: LineEstimate = { latencyMs: 40, bytesPerSecond: 2_500_000 };

/** Bytes that could be transferred in the time that a request takes: gaps shorter than this are read through. */
export function requestCost(line: LineEstimate): number {
  return Math.round((line.latencyMs / 1000) * line.bytesPerSecond);
}

/** The ways to try, cheapest first; equal ones keep the given order. A failing plan falls to the next. */
export function choosePlans(costs: readonly PlanCost[], line: LineEstimate): readonly PlanCost[] {
  const price = (cost: PlanCost): number => cost.bytes + cost.requests * requestCost(line);
  return costs.toSorted((a, b) => price(a) - price(b));
}
