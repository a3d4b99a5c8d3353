/** Handovers as the page knows them. */
import { api, type ApiProblem } from "@guanxi/api";
import { useLiveQueries } from "@guanxi/realtime";
import type { Tone } from "@guanxi/ui";
import { useQuery, type UseQueryReturnType } from "@tanstack/vue-query";
import { computed } from "vue";

export const KINDS = ["customer", "lead", "contact", "deal", "task", "activity", "conversation"] as const;
export type Kind = (typeof KINDS)[number];
export interface Brief {
  id: number;
  name: string;
}
export interface Numbered {
  count: number;
  exact: boolean;
}
export interface Place extends Brief {
  kind: string;
  result: string;
  reason: string;
}
export interface Preview {
  counts: Partial<Record<Kind, Numbered>>;
  stays: Partial<Record<Kind, Record<string, Numbered>>>;
  deals: { count: number; amounts: { currency: string; total: string }[] | null; largest: { id: number; name: string; stage: string; amount: string; currency: string }[] } | null;
  tasks: { overdue: number; week: number } | null;
  conversations_open: number;
  places: Place[];
}
export interface Handover {
  id: number;
  from_member: Brief | null;
  made_by: Brief | null;
  receivers: Brief[];
  state: "running" | "done" | "failed" | "cancelled" | "undoing" | "undone";
  kinds: Kind[];
  chosen: boolean;
  note: string;
  counts: Partial<Record<Kind, { moved: number; kept: number; returned: number; stayed: number }>>;
  places: Place[];
  job_id: number | null;
  may_undo: boolean;
  created_at: string;
  finished_at: string | null;
  undone_at: string | null;
}
export interface Item {
  id: number;
  kind: Kind;
  record_id: number;
  title: string;
  state: "moved" | "kept" | "returned" | "stayed";
  reason: string;
  to_member: Brief | null;
  changed_hands_at: string | null;
}
export interface Left {
  member: Brief;
  counts: Partial<Record<Kind, Numbered>>;
}
export interface Orphans {
  left: Left[];
  nobody: Partial<Record<Kind, Numbered>>;
  waiting: Numbered;
  rules: { id: number; name: string; member_ids: number[]; nobody_left: boolean }[];
  away: Left[];
}
export interface Dossier {
  customer: Record<string, string | string[] | number | null> & { id: number; name: string | null };
  from_name: string;
  to_name: string;
  contacts: { id: number; name: string | null; title: string | null; phone: string | null; email: string | null; wechat: string | null; role: string; is_primary: boolean }[];
  deals: { id: number; name: string | null; amount: string | null; currency: string | null; expected_close_on: string | null; stage: string }[];
  tasks: { id: number; title: string; due_at: string }[];
  activities: Line[];
  notes: Line[];
}
export interface Line {
  id: number;
  kind: string;
  subject: string;
  body: string;
  at: string;
  member_name: string;
  next_step: string;
}

export const TONES: Record<Handover["state"], Tone> = { running: "info", done: "ok", failed: "bad", cancelled: "quiet", undoing: "info", undone: "quiet" };
export const BUSY: readonly string[] = ["running", "undoing"];

/** "10,000+" where counting stopped. */
export const said = (number: Numbered): string => `${number.count.toLocaleString()}${number.exact ? "" : "+"}`;
export const sum = (counts: Handover["counts"], state: "moved" | "kept" | "returned" | "stayed"): number => Object.values(counts).reduce((all, one) => all + one[state], 0);

export function useHandover(id: () => number): UseQueryReturnType<Handover, ApiProblem> {
  useLiveQueries("handover.*", () => [["handover"]], 300);
  return useQuery<Handover, ApiProblem>({ queryKey: computed(() => ["handover", "one", id()]), queryFn: () => api.get<Handover>(`/handovers/${id()}`) });
}

export function useProgress(id: () => number | null | undefined): UseQueryReturnType<{ state: string; done: number; total: number }, ApiProblem> {
  useLiveQueries("job.*", () => [["job", "progress", id()]], 300);
  return useQuery<{ state: string; done: number; total: number }, ApiProblem>({
    queryKey: computed(() => ["job", "progress", id()]),
    queryFn: () => api.get(`/jobs/${id()}`),
    enabled: computed(() => Boolean(id())),
    refetchInterval: (now) => (now.state.data && ["queued", "running"].includes(now.state.data.state) ? 5000 : false),
  });
}
