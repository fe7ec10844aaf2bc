// What the server says of a tuning, and what the panel and its page say to each other; docs/protocol.md describes the former.

export type State = "running" | "ended" | "failed" | "cancelled";

/** `[knob, the default's value, its own]`. */
export type Change = readonly [knob: string, plain: string, own: string];

/** A tuning in the list of a kernel's; `stale` says why it says nothing of the text as it is. */
export interface Listed {
  readonly id: string;
  readonly signature: string | null;
  readonly device: string | null;
  readonly estimated: boolean;
  readonly state: State;
  readonly date: string;
  readonly stale: string | null;
}

export interface Row {
  readonly number: number;
  readonly us: number | null;
  readonly noise_us: number;
  readonly failure: { readonly kind: string; readonly message: string } | null;
  readonly registers: number | null;
  readonly spills: number | null;
  readonly shared_memory: number | null;
  readonly changes: readonly Change[];
  readonly config: Readonly<Record<string, unknown>>;
}

export interface Influence {
  readonly knob: string;
  readonly share: number;
  /** Value, best time, median time, number of trials; the best first. */
  readonly values: readonly (readonly [value: string, best: number, median: number, trials: number])[];
}

export interface Failures {
  readonly kind: string;
  readonly count: number;
  readonly first: string;
}

export interface Tuning extends Listed {
  readonly kernel: string;
  readonly run: number;
  readonly trials: number;
  readonly failed: number;
  readonly default_us: number | null;
  readonly best_us: number | null;
  /** Numbers of trials. */
  readonly winner: number | null;
  readonly locked: number | null;
  readonly best_so_far: readonly (readonly [number: number, us: number])[];
  readonly influence: readonly Influence[];
  readonly failures: readonly Failures[];
  readonly result: Readonly<Record<string, unknown>>;
  readonly message: string;
  readonly phase: string;
  readonly search: string | null;
  readonly budget_seconds: number | null;
  readonly seconds_left: number | null;
  readonly rows: readonly Row[];
}

/** The server's answer leaves out the first `after` rows. */
export interface Answer extends Tuning {
  readonly after: number;
}

export type ToPage =
  | { readonly type: "list"; readonly kernel: string; readonly tunings: readonly Listed[] }
  | { readonly type: "tuning"; readonly answer: Answer | null }
  | { readonly type: "told"; readonly message: string; readonly isProblem: boolean };

export type FromPage =
  | { readonly type: "ready" }
  | { readonly type: "choose"; readonly id: string }
  | { readonly type: "lock" | "triton" | "copy"; readonly number: number };

/** The tuning with what is new of it; another one, or another run, takes the place of what was known. */
export function merged(known: Tuning | undefined, { after, ...answer }: Answer): Tuning {
  const goesOn = known?.id === answer.id && known.run === answer.run && known.rows.length >= after;
  return goesOn ? { ...answer, rows: [...known.rows.slice(0, after), ...answer.rows] } : answer;
}
