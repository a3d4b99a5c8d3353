/** What stands in calendars, as the API shows it. */
import type { MemberBrief } from "../../records/types";

export interface CalendarEntry {
  id: string;
  source: "activity" | "task";
  source_id: number;
  kind: "call" | "visit" | "meeting" | "todo" | "email";
  state: "planned" | "done" | "open";
  title: string;
  starts_at: string;
  ends_at: string | null;
  place: string;
  member: MemberBrief | null;
  participant_ids: number[];
  record_kind: string;
  record_id: number | null;
  record_title: string;
  own: boolean;
  version: number;
}

export interface CalendarPerson {
  id: number;
  name: string;
  department: string;
}

export type Look = "day" | "week" | "month" | "team";

const HALF_HOUR = 30 * 60_000;

export const lengthOf = (entry: CalendarEntry): number => (entry.ends_at ? Math.max(HALF_HOUR, Date.parse(entry.ends_at) - Date.parse(entry.starts_at)) : HALF_HOUR);

export interface Placed {
  entry: CalendarEntry;
  /** In minutes from the first hour that is shown. */
  top: number;
  height: number;
  lane: number;
  lanes: number;
}

/** Puts a day's entries beside each other where they overlap. */
export function place(entries: readonly CalendarEntry[], day: Date, firstHour: number): Placed[] {
  const zero = new Date(day.getFullYear(), day.getMonth(), day.getDate(), firstHour).getTime();
  const sorted = [...entries].sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at) || lengthOf(b) - lengthOf(a));
  const placed: (Placed & { end: number })[] = [];
  let group: typeof placed = [];
  let groupEnd = -Infinity;
  const close = () => {
    const lanes = Math.max(1, ...group.map((one) => one.lane + 1));
    for (const one of group) one.lanes = lanes;
    group = [];
  };
  for (const entry of sorted) {
    const start = Date.parse(entry.starts_at);
    if (start >= groupEnd) close();
    const taken = new Set(group.filter((one) => one.end > start).map((one) => one.lane));
    let lane = 0;
    while (taken.has(lane)) lane += 1;
    const item = { entry, top: Math.max(0, (start - zero) / 60_000), height: lengthOf(entry) / 60_000, lane, lanes: 1, end: start + lengthOf(entry) };
    group.push(item);
    placed.push(item);
    groupEnd = Math.max(groupEnd, item.end);
  }
  close();
  return placed;
}
