/** Pools, what lies in them, rules and the ledger as the API shows them. */
import type { Tone } from "@guanxi/ui";

export type PoolKind = "lead" | "customer";

export interface Room {
  claims_left: number | null;
  held: number;
  held_limit: number | null;
  views_left: number | null;
  left: number | null;
}

export interface PoolBrief {
  id: number;
  name: string;
  kind: PoolKind;
  position: number;
  version: number;
  /** Counted no further than 1,001. */
  count: number;
  manages: boolean;
  room: Room;
}

export interface Pool extends PoolBrief {
  daily_quota: number | null;
  held_limit: number | null;
  cooldown_days: number;
  delay_hours: number;
  view_limit: number | null;
  protection_days: number;
  manager_ids: number[];
  member_ids: number[];
  department_ids: number[];
  masked_fields: string[];
  hidden_fields: string[];
  return_reasons: string[];
  maskable: string[];
}

export interface Entry {
  id: number;
  record_id: number;
  kind: PoolKind;
  title: string;
  values: Record<string, string>;
  since: string;
  claimable_at: string;
  reason: string;
  previous_owner_id: number | null;
  previous_owner: string;
  last_activity_at: string | null;
  blocked: "" | "too_new" | "cooling_down";
}

export interface Batch {
  done: number[];
  refused: { entry_id: number; code: string; params: Record<string, unknown> }[];
  room: Room;
}

export interface Holding {
  id: number;
  kind: PoolKind;
  record_id: number;
  title: string;
  owner_id: number | null;
  owner_name: string;
  due_at: string | null;
  protected_until: string | null;
  locked: boolean;
  locked_until: string | null;
  lock_reason: string;
  last_activity_at: string | null;
}

export interface Terms {
  no_follow_up_days: number | null;
  no_deal_days: number | null;
  levels: string[];
  sources: string[];
  exempt_won: boolean;
}

export interface Rule {
  id: number;
  pool_id: number;
  number: number;
  state: "draft" | "live" | "retired" | "rolled_back";
  terms: Terms;
  note: string;
  rehearsed_at: string | null;
  rehearsal_job_id: number | null;
  activated_at: string | null;
  retired_at: string | null;
  created_at: string;
}

export interface Rehearsal {
  rule: Rule;
  job_id: number | null;
  state: "none" | "queued" | "running" | "succeeded" | "failed" | "cancelled";
  done: number;
  total: number;
  kind: PoolKind;
  begin: string | null;
  end: string | null;
  looked_at: number;
  touched: number;
  saved: number;
  worth: string;
  days: { day: string; touched: number; saved: number }[];
  owners: { owner_id: number | null; name: string; touched: number; saved: number }[];
  examples: { record_id: number; title: string; owner: string; due_at: string; last_follow_up: string | null; won_at: string | null; worth: string | null }[];
}

export interface Move {
  id: number;
  kind: PoolKind;
  record_id: number;
  title: string;
  action: string;
  from_owner_name: string;
  to_owner_name: string;
  actor_kind: string;
  actor_name: string;
  reason: string;
  rule_number: number | null;
  after: { due_at?: string; days?: number };
  at: string;
}

export const RULE_TONES: Record<Rule["state"], Tone> = { draft: "warn", live: "ok", retired: "quiet", rolled_back: "quiet" };
export const MOVE_TONES: Record<string, Tone> = { claimed: "ok", assigned: "info", recycled: "warn", given_back: "ok", warned: "warn", locked: "violet" };
export const ACTIONS = ["put", "returned", "recycled", "claimed", "assigned", "left", "given_back", "warned"] as const;
const COUNTED = 1000;

export const countOf = (pool: PoolBrief): string => (pool.count > COUNTED ? `${COUNTED.toLocaleString()}+` : pool.count.toLocaleString());

/** Whole days until a moment, at least 0. */
export const daysLeft = (at: string, now = Date.now()): number => Math.max(0, Math.ceil((Date.parse(at) - now) / 86_400_000));

/** Every day of a rehearsal, also those on which nothing would have happened. */
export function everyDay(rehearsal: Rehearsal): { day: string; touched: number; saved: number }[] {
  if (!rehearsal.begin || !rehearsal.end) return [];
  const found = new Map(rehearsal.days.map((day) => [day.day, day]));
  const days = [];
  const china = 8 * 3_600_000;
  for (let at = Date.parse(rehearsal.begin) + china; at <= Date.parse(rehearsal.end) + china; at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10);
    days.push(found.get(day) ?? { day, touched: 0, saved: 0 });
  }
  return days;
}
