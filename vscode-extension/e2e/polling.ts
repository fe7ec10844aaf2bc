// Waiting for what VS Code does in its own time: by looking again until it holds, never by sleeping and hoping.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { errors } from "playwright-core";
import { waitingFor } from "./waits.ts";

/** What a click or a key may take that is not lost. */
export const SOON = 3_000;
/** What a machine may take that compiles something else at the same time. */
export const PATIENCE = 150_000;
/** How long the first try is watched before it is made again; each further one longer, for a machine that is slow. */
const FIRST_TRY = 4_000;
const LONGER = 1.5;
const INTERVAL = 100;

export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  milliseconds = PATIENCE,
): Promise<void> {
  const end = Date.now() + milliseconds;
  await waitingFor(what, async () => {
    while (!(await holds())) {
      assert.ok(Date.now() < end, `after ${milliseconds / 1000} s still not: ${what}`);
      await pause(INTERVAL);
    }
  });
}

/** Acts, watches for a while, and acts again: for a key that VS Code swallows while it is busy, a click on what is drawn anew. `act` must bear repeating. */
export async function untilBy(
  what: string,
  act: () => Promise<unknown>,
  holds: () => Promise<boolean>,
  details: () => string = () => "",
): Promise<void> {
  const end = Date.now() + PATIENCE;
  let problem = "";
  const seen = async (watched: number): Promise<boolean> => {
    await act().catch((why: unknown) => {
      // What it acts on is not there, or not yet.
      if (!(why instanceof errors.TimeoutError)) {
        throw why;
      }
      problem = `; the last try: ${why.message}`;
    });
    const pauseAt = Date.now() + watched;
    while (Date.now() < pauseAt) {
      if (await holds()) {
        return true;
      }
      await pause(INTERVAL);
    }
    return false;
  };
  await waitingFor(what, async () => {
    for (let watched = FIRST_TRY; !(await seen(watched)); watched *= LONGER) {
      assert.ok(Date.now() < end, `after ${PATIENCE / 1000} s still not: ${what}${details()}${problem}`);
    }
  });
}

/** Looks for a while that something stays as it is: for what must NOT happen. */
export async function stays(
  what: string,
  holds: () => Promise<boolean> | boolean,
  milliseconds = 2_000,
): Promise<void> {
  const end = Date.now() + milliseconds;
  await waitingFor(`that it stays so: ${what}`, async () => {
    while (Date.now() < end) {
      assert.ok(await holds(), `no longer: ${what}`);
      await pause(INTERVAL);
    }
  });
}

/** Until it has held for a while without a break: others may say something of each text that was typed in between. */
export async function settles(
  what: string,
  holds: () => Promise<boolean> | boolean,
  milliseconds = 1_500,
): Promise<void> {
  const end = Date.now() + PATIENCE;
  await waitingFor(what, async () => {
    let since = Date.now();
    while (Date.now() < since + milliseconds) {
      if (!(await holds())) {
        since = Date.now();
        assert.ok(since < end, `after ${PATIENCE / 1000} s still not: ${what}`);
      }
      await pause(INTERVAL);
    }
  });
}
