// The trials as a table for mouse, keyboard and screen reader: rows that open, in an order that the titles choose. Rows that are there
// stay the same elements, so that a running tuning does not take the focus away.
import type { Row, Tuning } from "../src/tuning/model";
import {
  BEST_FIRST,
  type Column,
  marks,
  type Order,
  ordered,
  registers,
  reordered,
  sharedMemory,
  speedup,
  time,
  whyNotLocked,
} from "../src/tuning/rows";
import { gist } from "../src/tuning/words";
import { type Acts, changeOf, detailOf } from "./detail";
import { button, element } from "./elements";

const FEW = 100;
const PAGE = 10;
const MOST_CHANGES = 6;
const TITLES: readonly (readonly [column: Column | undefined, title: string])[] = [
  ["number", "#"],
  ["us", "Time"],
  ["registers", "Registers"],
  ["shared_memory", "Shared"],
  [undefined, "Differs from the default in"],
];

export class Table {
  readonly root: HTMLElement;
  private readonly head = element("tr");
  private readonly body = element("tbody");
  private readonly table: HTMLTableElement;
  private readonly more = element("p");
  private readonly lines = new Map<number, HTMLTableRowElement>();
  private readonly details = new Map<number, HTMLTableRowElement>();
  private tuning: Tuning | undefined;
  private order: Order = BEST_FIRST;
  private showsAll = false;
  private current: number | undefined;

  constructor(private readonly acts: Acts) {
    const help = element(
      "p",
      { class: "soft", id: "table-help" },
      "Arrow keys move between trials; Enter opens one, from where it can be locked.",
    );
    const table = { role: "treegrid", "aria-label": "Trials", "aria-describedby": "table-help" };
    this.table = element("table", table, element("thead", {}, this.head), this.body);
    const wide = element("div", { class: "wide" }, this.table);
    this.root = element("section", { "aria-label": "Trials" }, element("h2", {}, "Trials"), help, wide, this.more);
    this.body.addEventListener("keydown", (event) => this.pressed(event));
  }

  show(tuning: Tuning): void {
    if (tuning.id !== this.tuning?.id || tuning.run !== this.tuning.run) {
      this.body.replaceChildren();
      this.lines.clear();
      this.details.clear();
      this.current = undefined;
      this.showsAll = false;
    }
    this.tuning = tuning;
    this.draw();
  }

  /** Opens a trial and goes there. */
  open(number: number): void {
    if (!this.lines.has(number)) {
      this.showsAll = true;
      this.draw();
    }
    this.toggle(number, true);
    this.focus(number);
  }

  private draw(): void {
    const tuning = this.tuning;
    if (!tuning) {
      return;
    }
    this.drawHead();
    const all = ordered(tuning.rows, this.order);
    const shown = this.showsAll ? all : all.filter((row, i) => i < FEW || this.details.has(row.number));
    const wanted = shown.flatMap((row) => {
      const line = this.line(row, tuning);
      const detail = this.details.get(row.number);
      return detail ? [line, detail] : [line];
    });
    const kept = new Set<Element>(wanted);
    for (const child of [...this.body.children].filter((one) => !kept.has(one))) {
      child.remove();
    }
    let next = this.body.firstElementChild;
    for (const row of wanted) {
      if (row === next) {
        next = next.nextElementSibling;
      } else {
        this.body.insertBefore(row, next);
      }
    }
    this.table.setAttribute("aria-rowcount", String(all.length + 1));
    const hidden = all.length - shown.length;
    const showAll = button(`Show all ${all.length} trials`, () => {
      this.showsAll = true;
      this.draw();
    });
    this.more.replaceChildren(...(hidden > 0 ? [showAll] : []));
    if (this.current === undefined || !this.lines.has(this.current)) {
      this.rove(shown[0]?.number);
    }
  }

  private drawHead(): void {
    if (this.head.childElementCount > 0) {
      TITLES.forEach(([column], i) => {
        this.head.children[i]?.setAttribute("aria-sort", this.sorted(column));
      });
      return;
    }
    for (const [column, title] of TITLES) {
      const sort = (): void => {
        if (column) {
          this.order = reordered(this.order, column);
          this.draw();
        }
      };
      const inner = column ? button(title, sort, { class: "sort" }) : title;
      this.head.append(element("th", { scope: "col", "aria-sort": this.sorted(column) }, inner));
    }
  }

  private sorted(column: Column | undefined): string {
    return column !== this.order.column ? "none" : this.order.isDescending ? "descending" : "ascending";
  }

  /** What a row says changes little: its marks alone. */
  private line(row: Row, tuning: Tuning): HTMLTableRowElement {
    const marked = marks(row, tuning);
    const known = this.lines.get(row.number);
    const line = known ?? this.newLine(row, tuning);
    if (line.dataset.marks !== marked.join(" ")) {
      line.dataset.marks = marked.join(" ");
      const cell = line.querySelector(".marks");
      cell?.replaceChildren(...marked.map((mark) => element("span", { class: `mark ${mark}` }, mark)));
    }
    const detail = this.details.get(row.number);
    if (detail && detail.dataset.state !== detailState(row, tuning)) {
      this.fill(detail, row, tuning);
    }
    return line;
  }

  private newLine(row: Row, tuning: Tuning): HTMLTableRowElement {
    const changes = row.changes.slice(0, MOST_CHANGES).map(changeOf);
    const hidden = row.changes.length - changes.length;
    const more = hidden > 0 ? [element("span", { class: "soft" }, `and ${hidden} more`)] : [];
    const failed =
      row.failure && element("span", { class: "failed", title: gist(row.failure.message) }, row.failure.kind);
    const faster = element(
      "span",
      { class: "soft" },
      row.changes.length === 0 ? "" : speedup(row.us, tuning.default_us),
    );
    const cells = [
      element("td", { class: "number" }, String(row.number)),
      element("td", { class: "number" }, failed ?? time(row.us), " ", failed ? "" : faster),
      element("td", { class: "number" }, registers(row)),
      element("td", { class: "number" }, sharedMemory(row)),
      element("td", {}, element("span", { class: "marks" }), ...changes, ...more),
    ];
    const line = element("tr", { class: "line", tabindex: -1, "aria-expanded": "false" }, ...cells);
    line.dataset.number = String(row.number);
    line.addEventListener("click", () => {
      this.toggle(row.number);
      this.focus(row.number);
    });
    line.addEventListener("focus", () => {
      this.rove(row.number);
      this.acts.current(row.number);
    });
    this.lines.set(row.number, line);
    return line;
  }

  private toggle(number: number, open = !this.details.has(number)): void {
    const tuning = this.tuning;
    const row = tuning?.rows[number - 1];
    const line = this.lines.get(number);
    if (!tuning || !row || !line || open === this.details.has(number)) {
      return;
    }
    line.setAttribute("aria-expanded", String(open));
    if (open) {
      const detail = element("tr", { class: "detail" });
      this.fill(detail, row, tuning);
      this.details.set(number, detail);
      line.after(detail);
      detail.scrollIntoView({ block: "nearest" });
    } else {
      this.details.get(number)?.remove();
      this.details.delete(number);
    }
  }

  private fill(detail: HTMLTableRowElement, row: Row, tuning: Tuning): void {
    detail.dataset.state = detailState(row, tuning);
    detail.dataset.number = String(row.number);
    const changes = row.changes.slice(MOST_CHANGES);
    detail.replaceChildren(element("td", { colspan: TITLES.length }, ...detailOf(row, tuning, changes, this.acts)));
  }

  // -- the keyboard -----------------------------------------------------------------------------------------------------

  /** The row that Tab comes to. */
  private rove(number: number | undefined): void {
    const before = this.current === undefined ? undefined : this.lines.get(this.current);
    before?.setAttribute("tabindex", "-1");
    this.current = number;
    if (number !== undefined) {
      this.lines.get(number)?.setAttribute("tabindex", "0");
    }
  }

  private focus(number: number): void {
    this.lines.get(number)?.focus();
  }

  private pressed(event: KeyboardEvent): void {
    const row = (event.target as Element).closest("tr");
    const number = Number(row?.dataset.number);
    if (!row || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const isLine = event.target === row;
    if (event.key === "Escape") {
      this.toggle(number, false);
      this.focus(number);
    } else if (!isLine) {
      return;
    } else if (event.key === "Enter" || event.key === " ") {
      this.toggle(number);
    } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      this.toggle(number, event.key === "ArrowRight");
    } else if (!this.move(event.key, row)) {
      return;
    }
    event.preventDefault();
  }

  private move(key: string, from: HTMLElement): boolean {
    const lines = [...this.body.querySelectorAll<HTMLElement>("tr.line")];
    const at = lines.findIndex((line) => line === from);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + PAGE,
      PageUp: at - PAGE,
      Home: 0,
      End: lines.length - 1,
    };
    const to = steps[key];
    if (to === undefined) {
      return false;
    }
    lines[Math.min(lines.length - 1, Math.max(0, to))]?.focus();
    return true;
  }
}

/** What of a tuning changes an open row. */
function detailState(row: Row, tuning: Tuning): string {
  return whyNotLocked(row, tuning) ?? "";
}
