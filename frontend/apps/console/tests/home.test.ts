/** Why a deal is at risk, in the order in which it matters. */
import { describe, expect, it } from "vitest";

import type { Deal } from "../src/features/deals/model";
import { riskOf } from "../src/features/home/model";

const NOW = Date.parse("2026-03-20T10:00:00+08:00");
const deal = (more: Partial<Deal>): Deal =>
  ({ created_at: "2026-03-01T10:00:00+08:00", last_activity_at: "2026-03-19T10:00:00+08:00", stage_entered_at: "2026-02-18T10:00:00+08:00", expected_close_on: null, ...more }) as Deal;

describe("risk", () => {
  it("is the day that has passed, before all else", () => {
    expect(riskOf(deal({ expected_close_on: "2026-03-17", last_activity_at: null }), NOW)).toMatchObject({ kind: "past_close" });
  });

  it("is silence, counted from the last word, or from the beginning when there was none", () => {
    expect(riskOf(deal({ last_activity_at: "2026-03-01T10:00:00+08:00" }), NOW)).toEqual({ kind: "quiet", days: 19 });
    expect(riskOf(deal({ last_activity_at: null }), NOW)).toEqual({ kind: "quiet", days: 19 });
  });

  it("is else the time in the stage", () => {
    expect(riskOf(deal({ expected_close_on: "2026-03-20" }), NOW)).toEqual({ kind: "stale", days: 30 });
  });
});
