// VS Code's one quick input, as a person sees it: a picker or a box that asks something, and what is chosen or typed there.
import type { Page } from "playwright-core";
import { SOON, until, untilBy } from "./polling.ts";

export interface Row {
  readonly label: string;
  /** What stands dimmed beside it. */
  readonly description: string;
}

/** What is open now. A picker that closes is seen for a while, title and all, and takes no keys: it counts as closed. */
export interface Asked {
  readonly kind: "picker" | "box" | "closed";
  readonly title: string;
  readonly value: string;
  readonly rows: readonly Row[];
  readonly message: string;
  readonly hasFocus: boolean;
}

const CLOSED: Asked = { kind: "closed", title: "", value: "", rows: [], message: "", hasFocus: false };
const ROWS = ".quick-input-widget .quick-input-list .monaco-list-row";

export class QuickInput {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** All at one moment, so that a title and rows are those of the same picker. */
  async asked(): Promise<Asked> {
    const [open] = await this.page.locator(".quick-input-widget").evaluateAll((widgets) =>
      widgets
        .filter((one) => one.checkVisibility() && !(one as HTMLElement).inert)
        .map((widget): Asked => {
          const words = (of: Element, selector: string): string =>
            [...of.querySelectorAll(selector)].map((part) => part.textContent.replace(/\s+/g, " ").trim()).join(" ");
          const list = widget.querySelector(".quick-input-list");
          return {
            kind: list?.checkVisibility() ? "picker" : "box",
            title: words(widget, ".quick-input-title"),
            value: widget.querySelector<HTMLInputElement>("input.input")?.value ?? "",
            rows: [...(list?.querySelectorAll(".monaco-list-row") ?? [])].map((row) => ({
              // What stands on a row's second line is a name of that class too.
              label: row.querySelector(".label-name")?.textContent.replace(/\s+/g, " ").trim() ?? "",
              description: words(row, ".label-description"),
            })),
            message: words(widget, ".quick-input-message"),
            hasFocus: widget.contains(document.activeElement),
          };
        }),
    );
    return open ?? CLOSED;
  }

  async closed(): Promise<void> {
    await until("no picker is open", async () => (await this.asked()).kind === "closed");
  }

  /** The rows of the picker with this title, once they are as wanted: they come after the title, and not all at once. */
  async offered(title: string, isWanted: (rows: readonly Row[]) => boolean): Promise<readonly Row[]> {
    let found = CLOSED;
    await until(
      `what the picker ${title} offers`,
      async () => isPicker((found = await this.asked()), title) && isWanted(found.rows),
    ).catch((problem: unknown) => {
      throw new Error(`${String(problem)}; what is open: ${JSON.stringify(found)}`);
    });
    return found.rows;
  }

  /** Takes a row of the picker with this title, which then is gone. */
  async pick(title: string, label: string): Promise<void> {
    await this.offered(title, (rows) => rows.some((row) => row.label === label));
    await this.takeRow(label, (now) => isPicker(now, title));
  }

  /** Types an answer in the box with this title, which then is gone. */
  async answer(title: string, text: string): Promise<void> {
    const isAsking = async (): Promise<boolean> => {
      const now = await this.asked();
      return now.kind === "box" && now.title === title && now.hasFocus;
    };
    await until(`the box ${title}`, isAsking);
    await untilBy(
      `${text} given to the box ${title}`,
      async () => {
        if (await isAsking()) {
          await this.type(text);
          await this.page.keyboard.press("Enter");
        }
      },
      async () => !(await isAsking()),
    );
  }

  /** Takes a command in the palette, which then is gone; whether another picker opens is the command's. */
  async run(title: string): Promise<void> {
    await this.search("F1", ">", title);
  }

  async openFile(name: string): Promise<void> {
    await this.search("Control+p", "", name);
  }

  private async search(key: string, prefix: string, label: string): Promise<void> {
    const isOffered = ({ value, rows }: Asked): boolean =>
      value === `${prefix}${label}` && rows.some((row) => row.label === label);
    await untilBy(
      `the picker offers ${label}`,
      () => this.open(key, prefix, `${prefix}${label}`),
      async () => isOffered(await this.asked()),
    );
    await this.takeRow(label, isOffered);
  }

  /** Opens it anew by a key, with what then stands in it, and types; to be tried again, for VS Code may swallow a key while it is busy. */
  async open(key: string, prefix: string, text: string): Promise<void> {
    if ((await this.asked()).kind !== "closed") {
      await this.page.keyboard.press("Escape");
      await this.closed();
    }
    await this.page.keyboard.press(key);
    await until(
      `${key} opens it`,
      async () => {
        const now = await this.asked();
        return now.kind === "picker" && now.hasFocus && now.value.startsWith(prefix);
      },
      SOON,
    )
      .then(() => this.type(text))
      // It is tried again.
      .catch(() => undefined);
  }

  private async type(text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input.input").filter({ visible: true });
    await input.fill(text, { timeout: SOON });
  }

  /** Clicks a row as long as the picker that has it is open. */
  private async takeRow(label: string, isOpen: (now: Asked) => boolean): Promise<void> {
    const words = label.split(" ").map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    const named = this.page.locator(".label-name", { hasText: new RegExp(`^\\s*${words.join("\\s")}\\s*$`) });
    const row = this.page.locator(ROWS).filter({ has: named });
    await untilBy(
      `${label} taken`,
      async () => {
        if (isOpen(await this.asked())) {
          await row.click({ timeout: SOON });
        }
      },
      async () => !isOpen(await this.asked()),
    );
  }
}

function isPicker(asked: Asked, title: string): boolean {
  return asked.kind === "picker" && asked.title === title && asked.rows.length > 0;
}
