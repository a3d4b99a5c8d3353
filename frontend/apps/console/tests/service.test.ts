/** How channels fare, in which order rules apply, and what is kept of the assistant's own words. */
import { describe, expect, it } from "vitest";

import { ownSentences } from "../src/features/service/assistant";
import { inkOn, lines, nextStep, standing, webLook, type Channel, type ChannelStep } from "../src/features/service/channels";
import { moved, ordered, shadowed, type Rule } from "../src/features/service/rules";

const channel = (more: Partial<Channel>): Channel => ({ state: "active", health: "ok", fault: "", ...more }) as Channel;
const rule = (id: number, position: number, sources: string[] = [], active = true): Rule => ({ id, position, sources, active, name: `r${id}`, method: "round_robin", member_ids: [1], online_only: false, response_minutes: 30 });

describe("how a channel fares", () => {
  it("says a fault before anything else", () => {
    expect(standing(channel({ state: "setup", health: "error", fault: "credentials" }))).toEqual({ code: "credentials", tone: "bad" });
    expect(standing(channel({ health: "warning", fault: "" }))).toEqual({ code: "warning", tone: "warn" });
    expect(standing(channel({ state: "disconnected", health: "error" })).code).toBe("disconnected");
    expect([standing(channel({})).tone, standing(channel({ state: "setup", health: "unknown" })).tone]).toEqual(["ok", "info"]);
  });
  it("looks at the first step that is not done", () => {
    const steps = [{ name: "a", state: "done" }, { name: "b", state: "failed" }, { name: "c", state: "waiting" }] as ChannelStep[];
    expect(nextStep(steps)?.name).toBe("b");
    expect(nextStep(steps.slice(0, 1))).toBeNull();
  });
});

describe("the look of the web chat", () => {
  it("is read from whatever is kept", () => {
    expect(webLook({})).toEqual({ color: "#0f7b6c", side: "right", greeting: { zh: "", en: "" }, starters: { zh: [], en: [] }, allowed_origins: [] });
    expect(webLook({ side: "left", starters: { zh: ["a"] }, greeting: null }).starters.zh).toEqual(["a"]);
  });
  it("writes on its colour so that it can be read", () => {
    expect([inkOn("#0f7b6c"), inkOn("#ffe066"), inkOn("#000000"), inkOn("#ffffff")]).toEqual(["#ffffff", "#1b1d1f", "#ffffff", "#1b1d1f"]);
  });
  it("takes one entry a line", () => {
    expect(lines(" a \n\n b\n")).toEqual(["a", "b"]);
  });
});

describe("the order of rules", () => {
  it("is by place, then by age", () => {
    expect(ordered([rule(3, 1), rule(2, 0), rule(1, 1)]).map((one) => one.id)).toEqual([2, 1, 3]);
  });
  it("changes only what has to change, also when places are shared", () => {
    expect(moved([rule(1, 0), rule(2, 1), rule(3, 2)], 3, -1)).toEqual([{ id: 3, position: 1 }, { id: 2, position: 2 }]);
    expect(moved([rule(1, 0), rule(2, 0)], 2, -1)).toEqual([{ id: 1, position: 1 }]);
    expect(moved([rule(1, 0)], 1, -1)).toEqual([]);
    expect(moved([rule(1, 0)], 9, 1)).toEqual([]);
  });
  it("shows rules that can never apply", () => {
    expect([...shadowed([rule(1, 0, ["wechat"]), rule(2, 1, ["wechat"]), rule(3, 2, ["wechat", "web"]), rule(4, 3), rule(5, 4, ["ads"])])]).toEqual([2, 5]);
    expect([...shadowed([rule(1, 0, [], false), rule(2, 1)])]).toEqual([]);
  });
});

describe("the assistant's words", () => {
  it("are kept only where they are the company's own", () => {
    expect(ownSentences({ greeting: { zh: "您好", en: "  " }, refusal: { zh: "", en: "" } })).toEqual({ greeting: { zh: "您好" } });
  });
});
