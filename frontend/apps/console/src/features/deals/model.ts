/** Deals, their pipelines and their board, as the API shows them. */
import { api } from "@guanxi/api";
import type { Stage as BoardStage, Tone } from "@guanxi/ui";
import { useQuery } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";

import type { Brief, RecordBase } from "../../records/types";

export interface Stage {
  id: number;
  pipeline_id: number;
  name: string;
  kind: "open" | "won" | "lost";
  probability: number;
  position: number;
  max_days: number | null;
  required_fields: string[];
  /** Null lets any stage follow. */
  next_stages: number[] | null;
  back_policy: "allowed" | "reason" | "never";
}

export interface Pipeline {
  id: number;
  name: string;
  is_default: boolean;
  archived_at: string | null;
  stages: Stage[];
}

export interface LossReason {
  id: number;
  name: string;
  position: number;
  archived_at: string | null;
}

export interface Deal extends RecordBase {
  name: string;
  customer: Brief | null;
  contact: Brief | null;
  pipeline_id: number;
  stage: Stage;
  stage_entered_at: string;
  amount: string;
  currency: string;
  expected_close_on: string | null;
  closed_at: string | null;
  lost_reason: string;
  lost_note: string;
  description: string;
  amount_from_lines: boolean;
  stuck_at: string | null;
}

export const CONTACT_ROLES = ["decider", "user", "influencer", "payer", "other"] as const;

export interface DealParts {
  contacts: { contact: Brief; role: (typeof CONTACT_ROLES)[number]; note: string }[];
  competitors: { competitor: Brief; strengths: string; note: string }[];
  lines: { id: number; name: string; quantity: string; unit_price: string; discount: string; amount: string }[];
  amount_from_lines: boolean;
}

export interface StageStay {
  stage_id: number;
  name: string;
  kind: string;
  entered_at: string;
  left_at: string | null;
  seconds: number;
  by: string;
  note: string;
}

/** What a stage can ask for besides custom fields. */
export const REQUIRABLE = ["amount", "expected_close_on", "customer_id", "contact_id", "description", "source", "next_action_at", "contacts", "competitors", "lines"] as const;
/** Of these the move dialog takes a value; the others are written on the deal's page. */
export const ASKED_ON_THE_WAY: readonly string[] = ["amount", "expected_close_on", "customer_id", "contact_id", "description", "next_action_at"];


export interface BoardColumn {
  stage: Stage;
  count: number;
  total: string;
  weighted: string;
  deals: Deal[];
  next: string | null;
}

const OPEN_TONES: Tone[] = ["quiet", "info", "violet", "warn", "accent"];

/** Colours go with the way: cool at the beginning, jade near the end, green and red when it is over. */
export function stageTone(stage: Pick<Stage, "kind" | "probability">): Tone {
  if (stage.kind === "won") return "ok";
  if (stage.kind === "lost") return "bad";
  return OPEN_TONES[Math.min(OPEN_TONES.length - 1, Math.floor((stage.probability / 100) * OPEN_TONES.length))] ?? "quiet";
}

export function boardStage(column: BoardColumn, amount: string): BoardStage {
  return { id: String(column.stage.id), label: column.stage.name, tone: stageTone(column.stage), count: column.count, amount };
}

/** Longer in its stage than the pipeline allows. */
export function isStale(deal: Deal, now = Date.now()): boolean {
  return Boolean(deal.stuck_at && deal.stage.kind === "open" && now >= Date.parse(deal.stuck_at));
}

export type MoveRule = "free" | "reason" | "never" | "not_allowed";

/** What the stage that is left says about a move; the server says the same. */
export function moveRule(stages: readonly Stage[], from: Stage, to: Stage): MoveRule {
  const place = (stage: Stage) => stages.findIndex((one) => one.id === stage.id);
  const left = stages.find((one) => one.id === from.id) ?? from;
  if (place(to) < place(left)) return left.back_policy === "allowed" ? "free" : left.back_policy;
  return !left.next_stages || to.kind === "lost" || left.next_stages.includes(to.id) ? "free" : "not_allowed";
}

export function useLossReasons(): { reasons: ComputedRef<LossReason[]> } {
  const query = useQuery({ queryKey: ["loss-reasons"], queryFn: () => api.get<LossReason[]>("/loss-reasons"), staleTime: 5 * 60_000 });
  return { reasons: computed(() => query.data.value ?? []) };
}

/** What the next stage asks for and the deal does not have yet. */
export function missingFor(deal: Deal, stage: Stage): string[] {
  const has: Record<string, boolean> = {
    amount: Number(deal.amount) > 0,
    expected_close_on: Boolean(deal.expected_close_on),
    contact_id: Boolean(deal.contact),
    customer_id: Boolean(deal.customer),
    description: Boolean(deal.description),
    source: Boolean(deal.source),
    next_action_at: Boolean(deal.next_action_at),
  };
  // What hangs on a deal is not on its card: the server says when it is missing.
  return stage.required_fields.filter((field) => (field.startsWith("custom.") ? [undefined, null, ""].includes(deal.custom[field.slice(7)] as never) : field in has && !has[field]));
}
