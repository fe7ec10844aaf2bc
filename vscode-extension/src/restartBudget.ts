// How often a server that ends by itself is started again: not for ever, for it may end at every start.

const MOST = 5;
const WITHIN_MILLISECONDS = 3 * 60_000;

export class RestartBudget {
  private ends: number[] = [];

  /** Whether it is worth another start, after an end at `now`. */
  allows(now: number): boolean {
    this.ends = [...this.ends.filter((end) => now - end < WITHIN_MILLISECONDS), now];
    return this.ends.length < MOST;
  }
}
