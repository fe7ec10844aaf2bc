// The server's rows of a lock overview in, the tree of kernels, devices and signatures out, and what each says of itself; knows no VS Code.

/** One kernel × device × signature, as `helion/lockOverview` gives it. */
export interface LockRow {
  readonly uri: string;
  readonly kernel: string;
  /** What the command line calls the kernel. */
  readonly called: string;
  readonly device: string;
  /** Null for every signature. */
  readonly signature: string | null;
  readonly state: string;
  readonly remarks: readonly string[];
  /** What a call gets where nothing is locked for it. */
  readonly served_by: string;
  readonly evidence: string | null;
  readonly estimated: boolean;
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly versions?: Readonly<Record<string, string>>;
  /** The device, when it is an architecture that configs can be estimated for. */
  readonly target: string | null;
  readonly range: Range;
  readonly kernelRange: Range;
}

/** What `helion/lockOverview` says of a server's folders. */
export interface Overview {
  readonly rows: readonly LockRow[];
  readonly complete: boolean;
  readonly truncated: boolean;
  readonly here: string | null;
  readonly message?: string;
}

export interface Range {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

export interface KernelNode {
  readonly kind: "kernel";
  readonly uri: string;
  readonly kernel: string;
  readonly rows: readonly LockRow[];
}

/** The rows of a kernel on one device, when it has several. */
export interface DeviceNode {
  readonly kind: "device";
  readonly device: string;
  readonly rows: readonly LockRow[];
}

export interface EntryNode {
  readonly kind: "entry";
  readonly row: LockRow;
  /** Whether it stands under its device, which then need not be named again. */
  readonly isUnderDevice: boolean;
}

export type LockNode = KernelNode | DeviceNode | EntryNode;

/** From bad to good, as an audit orders them; the first of some is what all of them together are called. */
const STATES = [
  "broken",
  "missing",
  "stale",
  "borrowed",
  "estimated",
  "partial",
  "given",
  "unrecorded",
  "older",
  "kept",
  "locked",
];
const DOUBTFUL = new Set(["broken", "missing", "stale", "borrowed", "partial"]);
const ANY_DEVICE = "*";
const FEW = 4;

/** Kernels in the order of their files and lines. */
export function kernelNodes(rows: readonly LockRow[]): KernelNode[] {
  const found = new Map<string, LockRow[]>();
  for (const row of rows) {
    const key = `${row.uri}\n${row.kernel}`;
    found.set(key, [...(found.get(key) ?? []), row]);
  }
  const nodes = [...found.values()].map((own): KernelNode => {
    const [first] = own as [LockRow];
    return { kind: "kernel", uri: first.uri, kernel: first.kernel, rows: own };
  });
  return nodes.sort((a, b) => compare(a.uri, b.uri) || lineOf(a) - lineOf(b));
}

export function childrenOf(node: LockNode): LockNode[] {
  if (node.kind === "entry") {
    return [];
  }
  if (node.kind === "device") {
    return node.rows.map((row): EntryNode => ({ kind: "entry", row, isUnderDevice: true }));
  }
  return [...new Set(node.rows.map(({ device }) => device))].map((device): LockNode => {
    const rows = node.rows.filter((row) => row.device === device);
    const [only] = rows as [LockRow];
    return rows.length === 1 ? { kind: "entry", row: only, isUnderDevice: false } : { kind: "device", device, rows };
  });
}

/** Only what somebody should look at. */
export function doubtful(rows: readonly LockRow[]): LockRow[] {
  return rows.filter(({ state }) => DOUBTFUL.has(state));
}

export function rowsOf(node: LockNode): readonly LockRow[] {
  return node.kind === "entry" ? [node.row] : node.rows;
}

/** What is locked of a node: rows that stand in the decorator. */
export function writtenOf(node: LockNode): LockRow[] {
  return rowsOf(node).filter(({ config }) => config !== null);
}

export function worst(rows: readonly LockRow[]): string {
  return STATES.find((state) => rows.some((row) => row.state === state)) ?? "locked";
}

/** `2 stale, 1 missing, 12 locked`, the worst first. */
export function counts(rows: readonly LockRow[]): string {
  return STATES.map((state) => [state, rows.filter((row) => row.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(", ");
}

export const deviceName = (device: string): string => (device === ANY_DEVICE ? "every device" : device);
export const signatureName = (signature: string | null): string => signature ?? "every signature";

export function label(node: LockNode): string {
  if (node.kind === "kernel") {
    return node.kernel;
  }
  if (node.kind === "device") {
    return deviceName(node.device);
  }
  return node.isUnderDevice ? signatureName(node.row.signature) : deviceName(node.row.device);
}

/** Beside the label, dimmed; a kernel's file is for the caller to name. */
export function description(node: LockNode): string {
  if (node.kind !== "entry") {
    return counts(node.rows);
  }
  const { row } = node;
  return node.isUnderDevice ? row.state : `${signatureName(row.signature)} · ${row.state}`;
}

/** The evidence, as Markdown. */
export function tooltip(row: LockRow): string {
  const head = `**${row.kernel}** on ${deviceName(row.device)}, ${row.signature === null ? "every signature" : `\`${row.signature}\``}`;
  const facts = [
    row.state === "missing" ? `**missing**: ${row.served_by}` : `**${row.state}**`,
    ...(row.evidence === null ? [] : [row.evidence]),
    ...row.remarks,
    ...(row.versions
      ? [
          `with ${Object.entries(row.versions)
            .map(([name, version]) => `${name} ${version}`)
            .join(", ")}`,
        ]
      : []),
  ];
  const config = row.config === null ? "" : `\n\n\`\`\`python\n${configText(row.config)}\n\`\`\``;
  return `${head}\n\n${facts.map((fact) => `- ${fact}`).join("\n")}${config}`;
}

/** For those who hear the window. */
export function spoken(row: LockRow): string {
  const told = [row.state, row.evidence ?? row.served_by, ...row.remarks].filter((words) => words !== "");
  return `${row.kernel} on ${deviceName(row.device)}, ${signatureName(row.signature)}: ${told.join("; ")}`;
}

export function configText(config: Readonly<Record<string, unknown>>): string {
  const items = Object.entries(config).map(([key, value]) => `${key}=${literal(value)}`);
  const line = `helion.Config(${items.join(", ")})`;
  return items.length <= FEW ? line : `helion.Config(\n${items.map((item) => `    ${item},\n`).join("")})`;
}

/** A value of a config as Python writes it. */
function literal(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(literal).join(", ")}]`;
  }
  const words = new Map<unknown, string>([
    [true, "True"],
    [false, "False"],
    [null, "None"],
  ]);
  return words.get(value) ?? JSON.stringify(value);
}

/** How an entry can be tuned here: options for `helion.tuneAndLock`, or why it cannot. */
export function tuneOptions(
  row: LockRow,
  here: string | null,
  hasHost: boolean,
): { readonly args?: string; readonly target?: string } | string {
  const args = row.signature === null ? {} : { args: row.signature };
  if (row.target !== null) {
    return { ...args, target: row.target };
  }
  if (row.device === ANY_DEVICE || row.device === here || hasHost) {
    return args;
  }
  return `this machine has ${here === null ? "no GPU" : `an ${here}`}, and the lock is for ${row.device}`;
}

const lineOf = (node: KernelNode): number => node.rows[0]?.kernelRange.start.line ?? 0;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What several servers say, each of its folders, as one. */
export function together(found: readonly Overview[]): Overview {
  const [first] = found as [Overview];
  return {
    rows: found.flatMap(({ rows }) => rows),
    complete: found.every(({ complete }) => complete),
    truncated: found.some(({ truncated }) => truncated),
    here: first.here,
    message: found.find(({ message }) => message !== undefined)?.message,
  };
}
