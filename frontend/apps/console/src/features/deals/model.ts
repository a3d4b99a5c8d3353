/** Deals, their pipelines and their board, as the API shows them. */
import type { Stage as BoardStage, Tone } from "@guanxi/ui";

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
}

export interface Pipeline {
  id: number;
  name: string;
  is_default: boolean;
  stages: Stage[];
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
  description: string;
}

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
  const days = deal.stage.max_days;
  return Boolean(days && deal.stage.kind === "open" && now - Date.parse(deal.stage_entered_at) > days * 86_400_000);
}

/** What the next stage asks for and the deal does not have yet. */
export function missingFor(deal: Deal, stage: Stage): string[] {
  const has: Record<string, boolean> = {
    amount: Number(deal.amount) > 0,
    expected_close_on: Boolean(deal.expected_close_on),
    contact_id: Boolean(deal.contact),
    customer_id: Boolean(deal.customer),
    description: Boolean(deal.description),
  };
  return stage.required_fields.filter((field) => !has[field]);
}
