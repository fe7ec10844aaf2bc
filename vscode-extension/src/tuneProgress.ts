// A tuning's progress as a notification that can be cancelled: the language client would show it without a way to stop it.
import * as vscode from "vscode";
import {
  type LanguageClient,
  type ProgressToken,
  type WorkDoneProgressBegin,
  WorkDoneProgressCancelNotification,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from "vscode-languageclient/node";

type Value = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

interface Shown {
  percentage: number;
  report(value: { message?: string; increment?: number }): void;
  end(): void;
}

export class TuneProgress implements vscode.Disposable {
  private readonly shown = new Map<ProgressToken, Shown>();

  constructor(private readonly client: () => LanguageClient | undefined) {}

  /** Shows what can be cancelled; the rest is `next`'s, and every end, at which the client forgets the token. */
  handle(token: ProgressToken, value: Value, next: () => void): void {
    const shown = this.shown.get(token);
    if (value.kind === "begin" && value.cancellable) {
      this.begin(token, value);
    } else if (value.kind === "report" && shown) {
      const percentage = Math.max(value.percentage ?? 0, shown.percentage);
      shown.report({ message: value.message, increment: percentage - shown.percentage });
      shown.percentage = percentage;
    } else {
      next();
    }
    if (value.kind === "end") {
      shown?.end();
      this.shown.delete(token);
    }
  }

  private begin(token: ProgressToken, { title, message }: WorkDoneProgressBegin): void {
    const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title };
    void vscode.window.withProgress(options, (progress, cancellation) => {
      cancellation.onCancellationRequested(() => {
        void this.client()?.sendNotification(WorkDoneProgressCancelNotification.type, { token });
      });
      progress.report({ message });
      return new Promise<void>((end) => {
        this.shown.set(token, {
          percentage: 0,
          report: (value) => {
            progress.report(value);
          },
          end,
        });
      });
    });
  }

  /** A server that ended says no more of its tunings. */
  dispose(): void {
    for (const shown of this.shown.values()) {
      shown.end();
    }
    this.shown.clear();
  }
}
