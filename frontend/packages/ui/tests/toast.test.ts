/** What is done can be undone for ten seconds. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { toast, UNDO_FOR, useToasts } from "../src/toast";

describe("toasts", () => {
  const { toasts, dismiss, hold, release } = useToasts();
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    for (const one of [...toasts.value]) dismiss(one.id);
    vi.useRealTimers();
  });

  it("stay ten seconds where something may be undone", () => {
    toast({ text: "archived", undo: () => undefined });
    vi.advanceTimersByTime(UNDO_FOR - 1);
    expect(toasts.value).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(toasts.value).toHaveLength(0);
  });

  it("wait while one reads them", () => {
    const id = toast({ text: "hello" });
    hold(id);
    vi.advanceTimersByTime(60_000);
    expect(toasts.value).toHaveLength(1);
    release(id);
    vi.advanceTimersByTime(60_000);
    expect(toasts.value).toHaveLength(0);
  });

  it("never pile up", () => {
    for (let n = 0; n < 9; n += 1) toast({ text: String(n) });
    expect(toasts.value.map((one) => one.text)).toEqual(["5", "6", "7", "8"]);
  });
});
