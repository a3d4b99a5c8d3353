/** What stands in the chosen calendars over a span; moves show at once and go back when refused. */
import { api, type ApiProblem } from "@guanxi/api";
import { useLiveQueries } from "@guanxi/realtime";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";

import { useProblemToast } from "../../records/useProblemToast";
import type { CalendarEntry, CalendarPerson } from "./model";

export interface Span {
  since: Date;
  until: Date;
}

export interface CalendarHandle {
  entries: ComputedRef<CalendarEntry[]>;
  loading: ComputedRef<boolean>;
  problem: ComputedRef<ApiProblem | null>;
  reload: () => void;
  move: (entry: CalendarEntry, to: Date) => Promise<void>;
}

export function useCalendar(span: ComputedRef<Span>, members: ComputedRef<number[]>): CalendarHandle {
  const queries = useQueryClient();
  const complain = useProblemToast();
  const key = computed(() => ["calendar", span.value.since.toISOString(), span.value.until.toISOString(), members.value.join(",")]);
  const query = useQuery<CalendarEntry[], ApiProblem>({
    queryKey: key,
    queryFn: ({ signal }) => api.get<CalendarEntry[]>("/calendar", { query: { since: span.value.since.toISOString(), until: span.value.until.toISOString(), members: members.value.join(",") || undefined }, signal }),
    placeholderData: keepPreviousData,
  });
  useLiveQueries(["activity.*", "task.*"], () => [["calendar"]], 500);

  async function move(entry: CalendarEntry, to: Date): Promise<void> {
    const length = entry.ends_at ? Date.parse(entry.ends_at) - Date.parse(entry.starts_at) : null;
    const starts_at = to.toISOString();
    const ends_at = length === null ? null : new Date(to.getTime() + length).toISOString();
    const at = key.value;
    const before = queries.getQueryData<CalendarEntry[]>(at);
    queries.setQueryData<CalendarEntry[]>(at, (all) => all?.map((one) => (one.id === entry.id ? { ...one, starts_at, ends_at } : one)));
    try {
      if (entry.source === "task") await api.patch(`/tasks/${entry.source_id}`, { due_at: starts_at }, { version: entry.version });
      else await api.patch(`/activities/${entry.source_id}`, { at: starts_at, ends_at }, { version: entry.version });
    } catch (error) {
      queries.setQueryData(at, before);
      complain(error);
    }
    void queries.invalidateQueries({ queryKey: ["calendar"] });
  }

  return { entries: computed(() => query.data.value ?? []), loading: computed(() => query.isPending.value), problem: computed(() => query.error.value), reload: () => void query.refetch(), move };
}

export function usePeople(): ComputedRef<CalendarPerson[]> {
  const query = useQuery({ queryKey: ["calendar", "people"], queryFn: () => api.get<CalendarPerson[]>("/calendar/people"), staleTime: 5 * 60_000 });
  return computed(() => query.data.value ?? []);
}
