// The tune panel: one for each kernel that was asked for, fed while a tuning runs, filled again when it comes back into view.
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { ClientOf } from "../clientOf";
import type { Answer, FromPage, Listed, Row, ToPage, Tuning } from "./model";
import { merged } from "./model";
import { page } from "./page";
import { configText } from "./rows";

export const SHOW_TUNING = "helion.showTuning";
const LOCK_TRIAL = "helion.lockTrial";
const PAUSE = 300;

interface Place {
  readonly uri: string;
  readonly kernel: string;
}

interface Needs {
  readonly client: ClientOf;
  /** Shows the Triton of a config. */
  readonly showTriton: (place: Place, config: string) => Promise<void>;
  readonly files: vscode.Uri;
}

export interface Progress extends Place {
  readonly id: string;
  readonly state: string;
}

export class TunePanels implements vscode.Disposable {
  private readonly panels = new Map<string, TunePanel>();

  constructor(private readonly needs: Needs) {}

  show(place: Place): void {
    const key = keyOf(place);
    const known = this.panels.get(key);
    if (known) {
      known.reveal();
      return;
    }
    const panel = new TunePanel(place, this.needs);
    this.panels.set(key, panel);
    panel.onDidDispose(() => this.panels.delete(key));
  }

  /** A tuning has something new. */
  heard(progress: Progress): void {
    this.panels.get(keyOf(progress))?.heard(progress);
  }

  /** A text was analysed: it may lock another trial, or have made all of them stale. */
  refresh(uri: string): void {
    for (const panel of this.panels.values()) {
      if (panel.place.uri === uri) {
        panel.refreshSoon();
      }
    }
  }

  dispose(): void {
    for (const panel of [...this.panels.values()]) {
      panel.dispose();
    }
  }
}

function keyOf({ uri, kernel }: Place): string {
  return JSON.stringify([uri, kernel]);
}

class TunePanel implements vscode.Disposable {
  private readonly panel: vscode.WebviewPanel;
  readonly onDidDispose: vscode.Event<void>;
  private tuning: Tuning | undefined;
  /** What the user chose; else the server says which is to be looked at first. */
  private chosen: string | undefined;
  private isAsking = false;
  private isOutdated = false;
  private isListOutdated = true;
  private isClosed = false;
  private soon: NodeJS.Timeout | undefined;

  constructor(
    readonly place: Place,
    private readonly needs: Needs,
  ) {
    const dist = vscode.Uri.joinPath(needs.files, "dist");
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const options = { enableScripts: true, localResourceRoots: [dist] };
    this.panel = vscode.window.createWebviewPanel("helion.tuning", `${place.kernel} · tuning`, column, options);
    this.onDidDispose = this.panel.onDidDispose;
    this.panel.onDidDispose(() => {
      this.isClosed = true;
      clearTimeout(this.soon);
    });
    const { webview } = this.panel;
    webview.onDidReceiveMessage((message: FromPage) => this.received(message));
    const served = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString();
    webview.html = page(`Tuning of ${place.kernel}`, {
      csp: webview.cspSource,
      script: served("tuning.js"),
      style: served("tuning.css"),
      nonce: randomBytes(16).toString("base64url"),
    });
  }

  reveal(): void {
    this.panel.reveal(undefined, true);
  }

  dispose(): void {
    this.panel.dispose();
  }

  heard({ id, state }: Progress): void {
    if (id !== this.tuning?.id || state !== this.tuning.state) {
      this.isListOutdated = true;
    }
    if (state === "running" && id !== this.tuning?.id) {
      this.chosen = undefined;
    }
    void this.update();
  }

  refresh(): void {
    this.isListOutdated = true;
    void this.update();
  }

  /** Once the typing pauses. */
  refreshSoon(): void {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.refresh(), PAUSE);
  }

  private async received(message: FromPage): Promise<void> {
    switch (message.type) {
      case "ready":
        // The page is new: it knows nothing yet, or nothing any more.
        this.tuning = undefined;
        this.refresh();
        break;
      case "choose":
        this.chosen = message.id;
        this.tuning = undefined;
        await this.update();
        break;
      case "lock":
        await this.lock(message.number);
        break;
      case "triton":
        await this.withRow(message.number, ({ config }) => this.needs.showTriton(this.place, JSON.stringify(config)));
        break;
      case "copy":
        await this.withRow(message.number, async ({ config }) => {
          await vscode.env.clipboard.writeText(configText(config));
          this.tell("The config was copied.", false);
        });
        break;
    }
  }

  private async withRow(number: number, act: (row: Row) => Promise<void>): Promise<void> {
    const row = this.tuning?.rows[number - 1];
    if (row) {
      await act(row);
    }
  }

  private async lock(number: number): Promise<void> {
    const { uri, kernel } = this.place;
    const told = await vscode.commands.executeCommand<{ locked: boolean; message: string } | undefined>(
      LOCK_TRIAL,
      uri,
      kernel,
      this.tuning?.id,
      number,
    );
    if (told) {
      const message = told.locked
        ? `Trial ${number}: ${told.message}`
        : `Trial ${number} was not locked: ${told.message}`;
      this.tell(message, !told.locked);
      this.refresh();
    }
  }

  /** Asks for what is new, one question at a time; what comes up meanwhile is one more question. */
  private async update(): Promise<void> {
    this.isOutdated = true;
    if (this.isClosed || this.isAsking || !this.panel.visible) {
      return;
    }
    this.isAsking = true;
    try {
      while (this.isOutdated) {
        this.isOutdated = false;
        await this.ask();
      }
    } catch (problem) {
      this.tell(`The server did not answer: ${String(problem)}`, true);
    } finally {
      this.isAsking = false;
    }
  }

  private async ask(): Promise<void> {
    const client = this.needs.client(vscode.Uri.parse(this.place.uri));
    if (!client?.isRunning()) {
      this.tell("The server is not running.", true);
      return;
    }
    const known = this.tuning && { id: this.tuning.id, run: this.tuning.run, trials: this.tuning.rows.length };
    const id = this.chosen ?? (this.isListOutdated ? undefined : known?.id);
    const answer = await client.sendRequest<Answer | null>("helion/tuning", { ...this.place, id, known });
    this.tuning = answer === null ? undefined : merged(this.tuning, answer);
    this.post({ type: "tuning", answer });
    if (this.isListOutdated) {
      this.isListOutdated = false;
      const tunings = await client.sendRequest<Listed[]>("helion/tunings", this.place);
      this.post({ type: "list", kernel: this.place.kernel, tunings });
    }
  }

  private tell(message: string, isProblem: boolean): void {
    this.post({ type: "told", message, isProblem });
  }

  private post(message: ToPage): void {
    if (!this.isClosed) {
      void this.panel.webview.postMessage(message);
    }
  }
}
