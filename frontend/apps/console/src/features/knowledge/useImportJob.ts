/** An import that runs: watched until it ends, and found again after one has left the page. */
import { api, type ApiProblem, type Page } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import { useLiveQueries } from "@guanxi/realtime";
import { toast } from "@guanxi/ui";
import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, watch, type ComputedRef } from "vue";

export interface Job {
  id: number;
  state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  done: number;
  total: number;
  message_code: string;
  result: Record<string, number>;
  cancel_requested_at: string | null;
  created_at: string;
}

const KIND = "knowledge.import";
const KEY = ["job", KIND];
export const runs = (job: Job | undefined | null): boolean => job?.state === "queued" || job?.state === "running";

export function useImportJob(): { job: ComputedRef<Job | null>; begun: () => void; stop: () => Promise<void> } {
  const { t } = useI18n();
  const queries = useQueryClient();
  const query = useQuery<Job | null, ApiProblem>({
    queryKey: KEY,
    queryFn: async () => (await api.get<Page<Job>>("/jobs", { query: { kind: KIND, limit: 1 } })).items[0] ?? null,
    refetchInterval: (now) => (runs(now.state.data) ? 1000 : false),
  });
  useLiveQueries("job.*", () => [KEY]);

  watch(
    () => query.data.value,
    (now, before) => {
      if (!now || !before || now.id !== before.id || runs(now) || !runs(before)) return;
      void queries.invalidateQueries({ queryKey: ["faq"] });
      void queries.invalidateQueries({ queryKey: ["knowledge"] });
      if (now.state === "succeeded") toast({ text: t("knowledge.import.done", { created: now.result.created ?? 0, updated: now.result.updated ?? 0, skipped: now.result.skipped ?? 0 }), tone: "ok", stay: 10_000 });
      else toast({ text: t("knowledge.import.failed"), tone: "bad" });
    },
  );
  return {
    job: computed(() => (runs(query.data.value) ? (query.data.value ?? null) : null)),
    begun: () => void queries.invalidateQueries({ queryKey: KEY }),
    stop: async () => {
      const id = query.data.value?.id;
      if (id) await api.post(`/jobs/${id}/cancel`);
      void queries.invalidateQueries({ queryKey: KEY });
    },
  };
}
