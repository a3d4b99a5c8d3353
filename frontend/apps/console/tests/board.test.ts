/** A card that moves takes its amount with it. */
import { describe, expect, it } from "vitest";

import { isStale, missingFor, moveRule, type BoardColumn, type Deal, type Stage } from "../src/features/deals/model";
import { moved } from "../src/features/deals/useBoard";

const stage = (id: number, more: Partial<Stage> = {}): Stage => ({ id, pipeline_id: 1, name: `S${id}`, kind: "open", probability: 10, position: id, max_days: 7, required_fields: [], next_stages: null, back_policy: "allowed", ...more });
const deal = (id: number, at: Stage, amount: string): Deal => ({
  id, name: `D${id}`, owner: null, source: "", tags: [], custom: {}, version: 1, created_at: "", updated_at: "", archived_at: null, last_activity_at: null, next_action_at: null,
  customer: null, contact: null, pipeline_id: 1, stage: at, stage_entered_at: "2025-01-01T00:00:00Z", amount, currency: "CNY", expected_close_on: null, closed_at: null, lost_reason: "", lost_note: "", description: "", amount_from_lines: false, stuck_at: "2025-01-08T00:00:00Z",
});
const first = stage(1);
const second = stage(2, { required_fields: ["amount", "customer_id"] });
const board = (): BoardColumn[] => [
  { stage: first, count: 2, total: "300", weighted: "0", deals: [deal(1, first, "100"), deal(2, first, "200")], next: null },
  { stage: second, count: 1, total: "50", weighted: "0", deals: [deal(3, second, "50")], next: null },
];

describe("the board", () => {
  it("moves card, count and total together", () => {
    const [from, to] = moved(board(), deal(2, first, "200"), second) as [BoardColumn, BoardColumn];
    expect([from.count, from.total, from.deals.map((one) => one.id)]).toEqual([1, "100", [1]]);
    expect([to.count, to.total, to.deals.map((one) => one.id)]).toEqual([2, "250", [2, 3]]);
    expect(to.deals[0]?.stage.id).toBe(2);
  });

  it("leaves what it was given untouched, so that a refusal can put it back", () => {
    const before = board();
    moved(before, deal(2, first, "200"), second);
    expect(before).toEqual(board());
  });

  it("asks only for what the stage wants and the deal lacks", () => {
    expect(missingFor(deal(1, first, "100"), second)).toEqual(["customer_id"]);
    expect(missingFor(deal(1, first, "0"), second)).toEqual(["amount", "customer_id"]);
  });

  it("sees a deal that stands too long", () => {
    expect(isStale(deal(1, first, "1"), Date.parse("2025-01-09T00:00:00Z"))).toBe(true);
    expect(isStale(deal(1, first, "1"), Date.parse("2025-01-03T00:00:00Z"))).toBe(false);
  });

  it("says before the server does which moves a stage allows", () => {
    const strict = stage(1, { next_stages: [2], back_policy: "allowed" });
    const guarded = stage(2, { back_policy: "reason" });
    const shut = stage(3, { back_policy: "never" });
    const lost = stage(4, { kind: "lost" });
    const all = [strict, guarded, shut, lost];
    expect([moveRule(all, strict, guarded), moveRule(all, strict, shut), moveRule(all, strict, lost)]).toEqual(["free", "not_allowed", "free"]);
    expect([moveRule(all, guarded, strict), moveRule(all, shut, strict), moveRule(all, lost, strict)]).toEqual(["reason", "never", "free"]);
  });
});
