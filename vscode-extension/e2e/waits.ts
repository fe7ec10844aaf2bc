// What a session waits for at this moment, so that its limit, a signal and a long wait can name it. Knows neither VS Code nor the steps.
import { AsyncLocalStorage } from "node:async_hooks";

/** So often a long wait says what it is. */
const TOLD_EACH_MS = 20_000;

const current = new AsyncLocalStorage<Waits>();

export class Waits {
  private readonly session: string;
  /** In the order in which they began: the outermost first. */
  private readonly names = new Set<{ readonly name: string }>();

  constructor(session: string) {
    this.session = session;
  }

  toString(): string {
    return `${this.session}: ${[...this.names].map(({ name }) => name).join(" > ") || "nothing"}`;
  }

  /** Acts to its end or to the limit, whatever it waits for then: what hangs is left behind, and named. */
  async limited<T>(name: string, milliseconds: number, act: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const seconds = (): string => ((performance.now() - began) / 1000).toFixed(0);
    const telling = setInterval(() => {
      console.log(`... ${seconds()} s, waiting for ${this.toString()}`);
    }, TOLD_EACH_MS);
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, fail) => {
      limit = setTimeout(() => {
        fail(new Error(`no end after ${seconds()} s, waiting for ${this.toString()}`));
      }, milliseconds);
    });
    try {
      return await Promise.race([current.run(this, () => this.named(name, act)), late]);
    } finally {
      clearInterval(telling);
      clearTimeout(limit);
    }
  }

  async named<T>(name: string, act: () => Promise<T>): Promise<T> {
    const mine = { name };
    this.names.add(mine);
    try {
      return await act();
    } finally {
      this.names.delete(mine);
    }
  }
}

/** Acts under a name that the session tells while it lasts. */
export function waitingFor<T>(name: string, act: () => Promise<T>): Promise<T> {
  return current.getStore()?.named(name, act) ?? act();
}
