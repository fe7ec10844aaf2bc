// The curve of a tuning as an SVG with a text alternative; a click on a point chooses its trial.
import { curve, curveInWords, nearest, type Point } from "../src/tuning/curve";
import type { Tuning } from "../src/tuning/model";
import { time } from "../src/tuning/rows";
import { drawn, element } from "./elements";

const HEIGHT = 240;
const NEAR = 14;

/** A trial's mark: an arrowhead where its time lies above the drawing. */
function dot({ x, y, isAbove }: Point): SVGElement {
  return isAbove
    ? drawn("path", { class: "trial", d: `M${x} ${y - 4}l4 7h-8z` })
    : drawn("circle", { class: "trial", cx: x, cy: y, r: 2.5 });
}

export class Chart {
  readonly root: HTMLElement;
  private readonly frame = element("div", { class: "chart" });
  private readonly asText = element("ol", { class: "steps" });
  private tuning: Tuning | undefined;
  private current: number | undefined;
  private width = 0;

  constructor(private readonly choose: (number: number) => void) {
    const text = element("details", {}, element("summary", {}, "The curve as text"), this.asText);
    this.root = element("section", { "aria-label": "Best so far" }, element("h2", {}, "Best so far"), this.frame, text);
    new ResizeObserver(([entry]) => {
      const width = Math.round(entry?.contentRect.width ?? 0);
      if (width !== this.width) {
        this.width = width;
        this.draw();
      }
    }).observe(this.frame);
  }

  show(tuning: Tuning): void {
    this.tuning = tuning;
    this.draw();
    const steps = tuning.best_so_far.map(([number, us]) => element("li", {}, `trial ${number}: ${time(us)}`));
    this.asText.replaceChildren(...(steps.length === 0 ? [element("li", {}, "No trial has a time.")] : steps));
  }

  /** Rings the point of a trial. */
  mark(number: number | undefined): void {
    this.current = number;
    this.draw();
  }

  private draw(): void {
    if (!this.tuning || this.width === 0) {
      return;
    }
    const tuning = this.tuning;
    const found = curve(tuning, { width: this.width, height: HEIGHT });
    const label = curveInWords(tuning);
    if (!found) {
      this.frame.replaceChildren(element("p", { class: "soft" }, label));
      return;
    }
    const { left, right, bottom } = found.inner;
    const svg = drawn("svg", { viewBox: `0 0 ${this.width} ${HEIGHT}`, role: "img", "aria-label": label });
    for (const { at, label: text } of found.times) {
      svg.append(drawn("line", { class: "grid", x1: left, x2: right, y1: at, y2: at }));
      svg.append(drawn("text", { x: left - 8, y: at + 4, "text-anchor": "end" }, text));
    }
    for (const { at, label: text } of found.numbers) {
      const anchor = at > right - 10 ? "end" : "middle";
      svg.append(drawn("text", { x: at, y: bottom + 18, "text-anchor": anchor }, `trial ${text}`));
    }
    if (found.default !== undefined) {
      const y = found.default;
      svg.append(drawn("line", { class: "default", x1: left, x2: right, y1: y, y2: y }));
      svg.append(drawn("text", { x: right, y: y - 6, "text-anchor": "end" }, `default ${time(tuning.default_us)}`));
    }
    svg.append(...found.points.map(dot));
    svg.append(drawn("path", { class: "best", d: found.path }));
    const special = new Map([
      [tuning.locked, "locked"],
      [this.current, "current"],
    ]);
    for (const point of found.points) {
      const kind = special.get(point.row.number);
      if (kind !== undefined) {
        svg.append(drawn("circle", { class: kind, cx: point.x, cy: point.y, r: 5.5 }));
      }
    }
    const tip = drawn("text", { class: "tip" });
    svg.append(tip);
    svg.addEventListener("pointermove", (event) => this.point(svg, tip, this.at(svg, event, found.points)));
    svg.addEventListener("pointerleave", () => this.point(svg, tip, undefined));
    svg.addEventListener("click", (event) => {
      const point = this.at(svg, event, found.points);
      if (point) {
        this.choose(point.row.number);
      }
    });
    this.frame.replaceChildren(svg);
  }

  private at(svg: SVGElement, event: MouseEvent, points: readonly Point[]): Point | undefined {
    const box = svg.getBoundingClientRect();
    return nearest(points, event.clientX - box.left, event.clientY - box.top, NEAR);
  }

  private point(svg: SVGElement, tip: SVGTextElement, point: Point | undefined): void {
    svg.classList.toggle("pointing", point !== undefined);
    tip.textContent = point ? `trial ${point.row.number}: ${time(point.row.us)}` : "";
    if (point) {
      const isRight = point.x > this.width / 2;
      tip.setAttribute("x", String(point.x + (isRight ? -8 : 8)));
      tip.setAttribute("y", String(Math.max(14, point.y - 8)));
      tip.setAttribute("text-anchor", isRight ? "end" : "start");
    }
  }
}
