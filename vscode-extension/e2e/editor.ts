// A person at VS Code's window: goes somewhere, types, hovers, presses; and what they then see. Knows VS Code, not Helion.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import type { Locator, Page } from "playwright-core";
import { SOON, until, untilBy } from "./polling.ts";
import { QuickInput } from "./quickInput.ts";

/** Pixels from a lens to the line that it stands above. */
const NEAR = 40;

export class Editor {
  readonly page: Page;
  readonly source: Locator;
  readonly beside: Locator;
  readonly quick: QuickInput;
  private readonly file: string;

  constructor(page: Page, file: string) {
    this.page = page;
    this.file = file;
    this.source = page.locator(".editor-group-container").first();
    this.beside = page.locator(".editor-group-container").nth(1);
    this.quick = new QuickInput(page);
  }

  saved(): string {
    return readFileSync(this.file, "utf8");
  }

  /** The 1-based line and column of a text of the saved file, `within` characters after its start. */
  placeOf(text: string, within = 0): [number, number] {
    const lines = this.saved().split("\n");
    const line = lines.findIndex((candidate) => candidate.includes(text));
    assert.notEqual(line, -1, `${this.file} has no line with ${text}`);
    return [line + 1, (lines[line] ?? "").indexOf(text) + 1 + within];
  }

  // -- acting -------------------------------------------------------------------------------------------------------

  async goTo([line, column]: [number, number]): Promise<void> {
    await untilBy(
      `the cursor at ${line}:${column}`,
      async () => {
        await this.focusSource();
        await this.quick.open("Control+g", ":", `:${line}:${column}`);
        await this.page.keyboard.press("Enter");
      },
      async () => (await this.position()) === `Ln ${line}, Col ${column}` && (await this.hasFocus(this.source)),
    );
  }

  /** Where the cursor of the group in focus is, and what is selected there. */
  async position(): Promise<string> {
    const items = await this.page.locator(".statusbar-item", { hasText: /Ln \d+, Col \d+/ }).allInnerTexts();
    return plain(items.join()).trim();
  }

  async focusSource(): Promise<void> {
    await untilBy(
      "the focus in the source",
      async () => {
        if ((await this.quick.asked()).kind !== "closed") {
          await this.page.keyboard.press("Escape");
          await this.quick.closed();
        }
        await this.page.keyboard.press("Control+1");
      },
      () => this.hasFocus(this.source),
    );
  }

  /** Whether keys go to a group. */
  hasFocus(group: Locator): Promise<boolean> {
    return group.evaluate((one) => one.classList.contains("active") && one.contains(document.activeElement));
  }

  /** Replaces the line that holds `text`, by typing. */
  async retype(text: string, replacement: string): Promise<void> {
    const line = this.saved()
      .split("\n")
      .find((candidate) => candidate.includes(text));
    assert.ok(line !== undefined, `${this.file} has no line with ${text}`);
    const start: [number, number] = [this.placeOf(text)[0], 1];
    await untilBy(
      `the line of ${text} selected`,
      async () => {
        await this.goTo(start);
        await this.page.keyboard.press("Shift+End");
      },
      async () => (await this.position()).endsWith(`(${line.length} selected)`),
    );
    await this.page.keyboard.insertText(line.replace(text, replacement));
    await until(`the text says ${replacement}`, async () => (await this.text(this.source)).includes(replacement));
  }

  /** After a change: what is marked as unsaved a moment later would look saved before it is. */
  async save(): Promise<void> {
    const written = (): number => statSync(this.file).mtimeMs;
    const before = written();
    await untilBy(
      "nothing is unsaved",
      async () => {
        await this.focusSource();
        await this.page.keyboard.press("Control+s");
      },
      async () => written() !== before && !(await this.isDirty()),
    );
  }

  /** Back to the saved text, and to its start. */
  async revert(): Promise<void> {
    await this.focusSource();
    await this.runCommand("File: Revert File");
    await until("the text as it was saved", async () => !(await this.isDirty()));
    await this.goTo([1, 1]);
  }

  async runCommand(title: string): Promise<void> {
    await this.quick.run(title);
    await this.quick.closed();
  }

  /** Titles that the palette offers for some words. */
  async offeredCommands(words: string): Promise<string> {
    let titles: string[] = [];
    await untilBy(
      "the palette",
      () => this.quick.open("F1", ">", `>${words}`),
      async () => {
        const { value, rows } = await this.quick.asked();
        titles = rows.map(({ label }) => label);
        return value === `>${words}` && rows.length > 0;
      },
    );
    await this.page.keyboard.press("Escape");
    await this.quick.closed();
    return titles.join("\n");
  }

  /** At its start: a line is as wide as the longest one, and a click in its middle would scroll the editor sideways. */
  async clickLine(group: Locator, containing: string): Promise<void> {
    const line = group.locator(".view-line", { hasText: containing }).first();
    await line.click({ position: { x: 90, y: 8 }, timeout: SOON });
  }

  /** Clicks the topmost such lens until what it does is seen: a lens that is drawn anew under the mouse loses the click. */
  async clickLens(title: string, what: string, seen: () => Promise<boolean>, above?: string): Promise<void> {
    const lenses = this.source.locator(".codelens-decoration a", { hasText: title }).filter({ visible: true });
    const clickTopmost = async (): Promise<void> => {
      // The document's order is not the window's: what was drawn last stands last.
      const topsOf = (of: Locator): Promise<number[]> =>
        of.evaluateAll((found) => found.map((one) => one.getBoundingClientRect().top));
      const tops = await topsOf(lenses);
      const topmost = Math.min(...tops);
      // While the first lens is drawn anew, the topmost one is that of the next kernel.
      const [line] = above === undefined ? [] : await topsOf(this.source.locator(".view-line", { hasText: above }));
      if (line === undefined || (topmost < line && line - topmost < NEAR)) {
        await lenses.nth(tops.indexOf(topmost)).click({ timeout: SOON });
      }
    };
    await untilBy(what, clickTopmost, seen);
  }

  /** Where nothing has a tooltip, until there is none. */
  async restMouse(): Promise<void> {
    await this.page.mouse.move(0, 0);
    await this.page.locator(".workbench-hover").first().waitFor({ state: "hidden" });
  }

  /** So that what is then said is said anew. */
  async clearNotifications(): Promise<void> {
    await this.runCommand("Notifications: Clear All Notifications");
    await until("no notification", async () => (await this.notifications()) === "");
  }

  async waitForLens(title: string): Promise<void> {
    // What scrolled out of view stands in the page too, and comes first.
    await this.source.locator(".codelens-decoration", { hasText: title }).filter({ visible: true }).first().waitFor();
  }

  /** The hover at a place once it says what `wanted` accepts. */
  async hoverAt(place: [number, number], wanted: (shown: string) => boolean): Promise<string> {
    let shown = "";
    await untilBy(
      `a hover at ${place.join(":")} that says what is expected`,
      async () => {
        await this.goTo(place);
        await this.page.keyboard.press("Control+k");
        await this.page.keyboard.press("Control+i");
      },
      async () => {
        shown = plain((await this.page.locator(".monaco-hover:visible").allInnerTexts()).join("\n"));
        return wanted(shown);
      },
      () => `; the last one said: ${shown}`,
    );
    return shown;
  }

  // -- seeing -------------------------------------------------------------------------------------------------------

  /** The lines in view, from top to bottom. */
  async text(group: Locator): Promise<string> {
    const lines = await group.locator(".view-line").evaluateAll((elements) =>
      elements
        .map((element) => ({ top: element.getBoundingClientRect().top, text: element.textContent }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text),
    );
    return plain(lines.join("\n"));
  }

  async isDirty(): Promise<boolean> {
    return (await this.page.locator(".tab.dirty").count()) > 0;
  }

  squiggles(): Promise<number> {
    return this.source.locator(".squiggly-error").count();
  }

  /** The texts of the lines that an extension has coloured as a whole. */
  highlighted(group: Locator): Promise<string[]> {
    return this.decorated(group, "backgroundColor", "rgba(0, 0, 0, 0)");
  }

  /** The texts of the lines that an extension has put a line beside. */
  marked(group: Locator): Promise<string[]> {
    return this.decorated(group, "borderLeftWidth", "0px");
  }

  /** The lines with a decoration of a whole line whose style has another than the plain value. */
  private decorated(
    group: Locator,
    property: "backgroundColor" | "borderLeftWidth",
    plainly: string,
  ): Promise<string[]> {
    return group.evaluate(
      (element, [style, without]) => {
        const top = (of: Element): number => Math.round(of.getBoundingClientRect().top);
        const found = [...element.querySelectorAll(".view-overlays .cdr[class*='ced-']")]
          .filter((one) => getComputedStyle(one)[style] !== without)
          .map(top);
        return [...element.querySelectorAll(".view-line")]
          .filter((line) => found.includes(top(line)))
          .map((line) => line.textContent.replaceAll("\u00a0", " "));
      },
      [property, plainly] as const,
    );
  }

  async lenses(): Promise<string> {
    const texts = await this.source.locator(".codelens-decoration").allInnerTexts();
    return texts.map((text) => plain(text).replace(/\s+/g, " ").trim()).join("\n");
  }

  async statusBar(): Promise<string> {
    return plain((await this.page.locator(".statusbar-item:visible").allInnerTexts()).join(" | ")).replace(/\s+/g, " ");
  }

  /** The first lines of what an item of the status bar says from now on, without what they begin with; each time it says something else. */
  async listen(start: string): Promise<() => Promise<readonly string[]>> {
    await this.page.evaluate((words) => {
      const heard: string[] = [];
      const listen = (): void => {
        const [item] = document.querySelectorAll(`.statusbar-item[aria-label*='${words}']`);
        const label = item?.getAttribute("aria-label") ?? "";
        const said = label.slice(label.indexOf(words)).split("\n")[0];
        if (said && said !== heard.at(-1)) {
          heard.push(said);
        }
      };
      new MutationObserver(listen).observe(document.body, {
        subtree: true,
        childList: true,
        attributeFilter: ["aria-label"],
      });
      listen();
      Object.assign(globalThis, { heard });
    }, start);
    return async () => {
      const heard = await this.page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);
      return heard.map((one) => one.slice(start.length));
    };
  }

  /** The tabs of each group, the active one marked; and what has the focus. */
  async tabs(): Promise<string> {
    const groups = await this.page
      .locator(".editor-group-container")
      .evaluateAll((found) =>
        found.map((group) =>
          [...group.querySelectorAll(".tab")]
            .map((tab) => `${tab.classList.contains("active") ? "*" : ""}${tab.textContent.trim()}`)
            .join(", "),
        ),
      );
    const focus = await this.page.evaluate(() => {
      const { activeElement } = document;
      return `${activeElement?.tagName} ${activeElement?.className}`;
    });
    return `${groups.map((tabs) => `[${tabs}]`).join(" ")}; focus: ${focus}`;
  }

  async notifications(): Promise<string> {
    return plain((await this.page.locator(".notification-toast").allInnerTexts()).join("\n"));
  }
}

export function plain(text: string): string {
  return text.replaceAll("\u00a0", " ");
}
