/** Webhooks as the API shows them, and how they stand. */
import { api, type ApiProblem, type Page } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import { useLiveClient, useLiveQueries } from "@guanxi/realtime";
import type { Tone } from "@guanxi/ui";
import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { onScopeDispose } from "vue";

export interface Webhook {
  id: number;
  url: string;
  description: string;
  kinds: string[];
  with_record: boolean;
  active: boolean;
  created_by: { id: number; name: string } | null;
  reads_as: { id: number; name: string } | null;
  previous_until: string | null;
  failing_since: string | null;
  failures: number;
  paused_until: string | null;
  last_success_at: string | null;
  disabled_at: string | null;
  disabled_reason: string;
  version: number;
  created_at: string;
  lately: Record<string, number>;
}

export interface Delivery {
  id: number;
  endpoint_id: number;
  kind: string;
  state: "waiting" | "delivered" | "failed";
  attempts: number;
  status_code: number | null;
  error: string;
  duration_ms: number | null;
  created_at: string;
  next_try_at: string | null;
  finished_at: string | null;
}

export interface DeliveryDetail extends Delivery {
  url: string;
  payload: Record<string, unknown>;
  answer: string;
  history: { at: string; status: number | null; error: string; ms: number }[];
}

export interface EventGroup {
  group: string;
  kinds: string[];
}

export const DELIVERY_TONES: Record<Delivery["state"], Tone> = { waiting: "info", delivered: "ok", failed: "bad" };

export function standingOf(hook: Webhook): { code: string; tone: Tone } {
  if (!hook.active) return hook.disabled_reason ? { code: hook.disabled_reason, tone: "bad" } : { code: "off", tone: "quiet" };
  if (hook.failures) return { code: "failing_now", tone: "warn" };
  return hook.last_success_at ? { code: "works", tone: "ok" } : { code: "new", tone: "info" };
}

export function useWebhooks() {
  return useQuery<Page<Webhook>, ApiProblem>({ queryKey: ["webhooks", "list"], queryFn: () => api.get<Page<Webhook>>("/webhooks") });
}

export function useEventGroups() {
  return useQuery<{ items: EventGroup[] }, ApiProblem>({ queryKey: ["webhook-events"], queryFn: () => api.get("/webhook-events"), staleTime: Infinity });
}

/** Words of an event's kind; one that came after these words keeps its code. */
export function useKindWords() {
  const { t, te } = useI18n();
  const word = (key: string, code: string) => (te(key) ? t(key) : code);
  return {
    kind: (code: string) => word(`integration.kinds.${code.replace(".", "_")}`, code),
    group: (code: string) => word(`integration.groups.${code}`, code),
    error: (code: string) => word(`integration.errors.${code}`, code),
  };
}

/** Lets endpoints and deliveries be read anew as they change; a burst of deliveries asks once. */
export function useWebhookLive(): void {
  const queries = useQueryClient();
  const client = useLiveClient();
  useLiveQueries("webhook.*", () => [["webhooks"]]);
  let timer: ReturnType<typeof setTimeout> | null = null;
  const refresh = () => {
    timer = null;
    void queries.invalidateQueries({ queryKey: ["webhooks"] });
    void queries.invalidateQueries({ queryKey: ["webhook-deliveries"] });
  };
  if (client) onScopeDispose(client.onTransient(({ channel }) => channel.startsWith("endpoint:") && (timer ??= setTimeout(refresh, 300))));
  onScopeDispose(() => timer && clearTimeout(timer));
}
