/** Days of a month, and entries that overlap. */
import { describe, expect, it } from "vitest";

import { dayKey, monthGrid, startOfWeek } from "../src/features/calendar/days";
import { place, type CalendarEntry } from "../src/features/calendar/model";

const entry = (id: string, from: string, to: string | null): CalendarEntry => ({
  id, source: "activity", source_id: 1, kind: "meeting", state: "planned", title: id, starts_at: new Date(`2026-03-04T${from}`).toISOString(), ends_at: to && new Date(`2026-03-04T${to}`).toISOString(),
  place: "", member: null, participant_ids: [], record_kind: "", record_id: null, record_title: "", own: true, version: 1,
});

describe("a calendar", () => {
  it("begins weeks on Monday and shows whole weeks of a month", () => {
    expect(dayKey(startOfWeek(new Date(2026, 2, 1)))).toBe("2026-02-23");
    const days = monthGrid(new Date(2026, 2, 1));
    expect([days.length, dayKey(days[0] as Date), dayKey(days.at(-1) as Date)]).toEqual([42, "2026-02-23", "2026-04-05"]);
  });

  it("puts overlapping entries beside each other and others over the whole width", () => {
    const placed = place([entry("a", "09:00", "10:00"), entry("b", "09:30", "10:30"), entry("c", "10:00", "11:00"), entry("d", "14:00", null)], new Date(2026, 2, 4), 8);
    expect(placed.map((one) => [one.entry.id, one.lane, one.lanes, one.top, one.height])).toEqual([
      ["a", 0, 2, 60, 60],
      ["b", 1, 2, 90, 60],
      ["c", 0, 2, 120, 60],
      ["d", 0, 1, 360, 30],
    ]);
  });
});
