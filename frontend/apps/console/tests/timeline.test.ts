/** Names of events: what a move into a closing stage and a step with a reason are called. */
import { describe, expect, it } from "vitest";

import { concerns, eventName, type ActivityOut } from "../src/records/timeline";

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

describe("what is heard of a talk", () => {
  const shown = [{ record_kind: "conversation", record_id: 5 }, { record_kind: "customer", record_id: 6 }] as ActivityOut[];
  const said = (id: number) => ({ kind: "message.received", record: ["conversation", id] as [string, number], data: {} });
  const linked = (data: Record<string, unknown>) => ({ kind: "conversation.linked", record: ["conversation", 9] as [string, number], data });

  it("concerns the timeline that shows the talk", () => {
    expect(concerns(said(5), "customer", 1, shown)).toBe(true);
    expect(concerns(said(6), "customer", 1, shown)).toBe(false);
  });

  it("concerns the record that the talk was just joined to", () => {
    expect(concerns(linked({ customer_id: 1, lead_id: 2 }), "customer", 1, [])).toBe(true);
    expect(concerns(linked({ customer_id: 1, lead_id: 2 }), "lead", 2, [])).toBe(true);
    expect(concerns(linked({ customer_id: 1, lead_id: 2 }), "customer", 2, [])).toBe(false);
    expect(concerns(linked({ customer_id: 1, lead_id: null }), "contact", 3, [])).toBe(true);
  });
});
