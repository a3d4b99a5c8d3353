import { beforeEach, describe, expect, it, vi } from "vitest";
import { Kept, ownStorage } from "../src/kept";
import { newKey, Outbox } from "../src/outbox";

beforeEach(() => localStorage.clear());

describe("what is kept", () => {
  it("outlives the page in the frame's own storage, apart for each key", () => {
    new Kept("a").set("token", "t1");
    expect(new Kept("a").get("token")).toBe("t1");
    expect(new Kept("b").get("token")).toBeNull();
  });

  it("goes to the embedding page only where the own storage is blocked, and only the token", () => {
    const mirror = vi.fn();
    const open = new Kept("a");
    open.useMirror(mirror, { token: "theirs" });
    open.set("token", "t1");
    expect(mirror).not.toHaveBeenCalled();
    const blocked = new Kept("a", null);
    blocked.useMirror(mirror, { token: "theirs" });
    expect(blocked.get("token")).toBe("theirs");
    blocked.set("draft", "private words");
    blocked.set("token", "t2");
    expect(mirror.mock.calls).toEqual([["token", "t2"]]);
    expect(blocked.get("draft")).toBe("private words");
  });

  it("works in memory when storage fills up or goes away", () => {
    const failing = { getItem: () => { throw new Error("blocked"); }, setItem: () => { throw new Error("full"); }, removeItem: () => undefined } as unknown as Storage;
    const kept = new Kept("a", failing);
    kept.set("draft", "x");
    expect(kept.get("draft")).toBe("x");
    expect(ownStorage({ get localStorage(): Storage { throw new DOMException("denied"); } } as unknown as Window)).toBeNull();
  });

  it("reads damaged JSON as empty", () => {
    const kept = new Kept("a");
    kept.set("outbox", "{oops");
    expect(kept.getJson("outbox", [])).toEqual([]);
  });
});

describe("the outbox", () => {
  it("keeps unsent messages over a page load, in order", () => {
    const first = new Outbox(new Kept("a"));
    first.add({ key: "1", text: "一", at: "" });
    first.add({ key: "2", text: "二", at: "" });
    const again = new Outbox(new Kept("a"));
    expect(again.list().map((item) => item.text)).toEqual(["一", "二"]);
    again.remove("1");
    expect(new Outbox(new Kept("a")).next()?.key).toBe("2");
  });

  it("lets others pass one that was refused", () => {
    const outbox = new Outbox(new Kept("a"));
    outbox.add({ key: "1", text: "一", at: "" });
    outbox.add({ key: "2", text: "二", at: "" });
    outbox.change("1", { failed: "too_long" });
    expect(outbox.next()?.key).toBe("2");
    outbox.change("1", { failed: undefined });
    expect(outbox.next()?.key).toBe("1");
  });

  it("says so when a page load lost the bytes of a picture, but not when it had been uploaded", () => {
    const outbox = new Outbox(new Kept("a"));
    outbox.add({ key: "1", text: "", fileName: "a.png", at: "" });
    outbox.add({ key: "2", text: "", fileName: "b.png", fileRef: "r5", at: "" });
    const again = new Outbox(new Kept("a")).list();
    expect(again.map((item) => item.failed)).toEqual(["file_lost", undefined]);
  });

  it("makes different keys, also in browsers without randomUUID", () => {
    expect(newKey()).not.toBe(newKey());
    vi.stubGlobal("crypto", { getRandomValues: (bytes: Uint8Array) => bytes.fill(7) });
    expect(newKey()).toBe("07".repeat(16));
    vi.unstubAllGlobals();
  });
});
