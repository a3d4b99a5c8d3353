/** Names of events: what a move into a closing stage and a step with a reason are called. */
import { describe, expect, it } from "vitest";

import { eventName } from "../src/records/timeline";

describe("events", () => {
  it.each([
    ["deal.stage_changed", { from_kind: "open", to_kind: "open" }, "deal_stage_changed"],
    ["deal.stage_changed", { from_kind: "open", to_kind: "won" }, "deal_won"],
    ["deal.stage_changed", { from_kind: "open", to_kind: "lost", reason: "" }, "deal_lost"],
    ["deal.stage_changed", { from_kind: "open", to_kind: "lost", reason: "price" }, "deal_lost_because"],
    ["deal.stage_changed", { from_kind: "lost", to_kind: "open" }, "deal_reopened"],
    ["lead.state_changed", { from: "new", to: "invalid", reason: "spam" }, "lead_state_changed_because"],
    ["lead.state_changed", { from: "new", to: "contacting", reason: "" }, "lead_state_changed"],
    ["lead.assigned", { from: null, to: 4 }, "lead_assigned"],
    ["lead.assigned", { from: 4, to: null }, "lead_unassigned"],
    ["task.done", { title: "x" }, "task_done"],
  ])("%s %j is %s", (event, data, name) => {
    expect(eventName({ event, data })).toBe(name);
  });
});
