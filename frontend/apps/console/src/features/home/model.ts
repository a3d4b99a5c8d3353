/** The working day as the API tells it: what waits for me, and how the month goes. */
import { api, type ApiProblem } from "@guanxi/api";
import { useLiveQueries } from "@guanxi/realtime";
import { useQuery } from "@tanstack/vue-query";

import type { Deal } from "../deals/model";
import type { Conversation } from "../inbox/model";
import type { Lead } from "../leads/model";
import type { Task } from "../tasks/model";

export interface MonthNumbers {
  won_amount: string;
  won_count: number;
  won_amount_before: string;
  won_count_before: number;
  open_amount: string;
  open_count: number;
  weighted_amount: string;
  leads: number;
  leads_before: number;
  converted: number;
  answered_in_time: number;
  answered: number;
}

export interface WeekPoint {
  week: string;
  leads: number;
  won_amount: string;
}

export interface MyDay {
  overdue_tasks: number;
  today_tasks: number;
  tasks: Task[];
  leads_waiting: Lead[];
  conversations_waiting: Conversation[];
  deals_at_risk: Deal[];
  numbers: MonthNumbers;
  weeks: WeekPoint[];
}

export type Risk = "past_close" | "stale" | "quiet";

const QUIET_AFTER = 14 * 86_400_000;

/** Why a deal stands on the list: its day is over, it stays too long in its stage, or nothing is heard. */
export function riskOf(deal: Deal, now = Date.now()): { kind: Risk; days: number } {
  const days = (since: string) => Math.max(0, Math.floor((now - Date.parse(since)) / 86_400_000));
  if (deal.expected_close_on && Date.parse(`${deal.expected_close_on}T23:59:59`) < now) return { kind: "past_close", days: Math.max(1, days(`${deal.expected_close_on}T00:00:00`)) };
  const heard = deal.last_activity_at ?? deal.created_at;
  if (now - Date.parse(heard) > QUIET_AFTER) return { kind: "quiet", days: days(heard) };
  return { kind: "stale", days: days(deal.stage_entered_at) };
}

/** Under "task", so that a tick anywhere brings the day up to date. */
export const HOME_KEY = ["task", "home"] as const;

export function useMyDay() {
  useLiveQueries(["task.*", "lead.*", "deal.*", "conversation.*", "message.*"], () => [HOME_KEY], 600);
  return useQuery<MyDay, ApiProblem>({ queryKey: HOME_KEY, queryFn: () => api.get<MyDay>("/home") });
}
