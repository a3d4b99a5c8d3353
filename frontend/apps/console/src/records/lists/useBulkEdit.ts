/** Many records at once: the work is a job of the server; the page follows it, tells what failed, and can take it back. */
import { api } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import { useLiveQueries } from "@guanxi/realtime";
import { toast } from "@guanxi/ui";
import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, ref, watch } from "vue";

import { useProblemToast } from "../useProblemToast";

export interface BulkEdit {
  action: "set" | "add_tags" | "remove_tags" | "assign" | "archive" | "restore";
  values?: Record<string, unknown>;
  tags?: string[];
  owner_id?: number;
}

export interface BulkFailure {
  id: number;
  title: string;
  code: string;
}

interface BulkJob {
  id: number;
  kind: string;
  state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  done: number;
  total: number;
  message_code: string;
  result: { changed?: number; failed?: number; unchanged?: number; failures?: BulkFailure[] };
}

const ENDED = ["succeeded", "failed", "cancelled"];
const UNDO_MS = 10 * 60_000;

export function useBulkEdit(kind: string) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const complain = useProblemToast();
  const jobId = ref<number | null>(null);
  const failures = ref<BulkFailure[]>([]);
  const job = useQuery({ queryKey: computed(() => ["bulk-edit", jobId.value]), queryFn: () => api.get<BulkJob>(`/jobs/${jobId.value}`), enabled: () => jobId.value !== null });
  useLiveQueries("job.*", () => [["bulk-edit"]]);

  const running = computed(() => jobId.value !== null);
  const progress = computed(() => ({ done: job.data.value?.done ?? 0, total: job.data.value?.total ?? 0 }));

  watch(
    () => job.data.value,
    (now) => {
      if (!now || now.id !== jobId.value || !ENDED.includes(now.state)) return;
      jobId.value = null;
      void queries.invalidateQueries({ queryKey: [kind] });
      tell(now);
    },
  );

  function tell(ended: BulkJob): void {
    if (ended.state === "failed") {
      toast({ text: t("records.lists.bulk.broken"), tone: "bad" });
      return;
    }
    failures.value = ended.result.failures ?? [];
    const undone = ended.kind === "records.bulk_undo";
    const words = t(`records.lists.bulk.${undone ? "undone" : "done"}`, { n: ended.result.changed ?? ended.done });
    const failed = ended.result.failed ? t("records.lists.bulk.failed", { n: ended.result.failed }) : "";
    const undo = !undone && (ended.result.changed ?? ended.done) > 0 ? { undo: () => takeBack(ended.id), stay: UNDO_MS } : {};
    toast({ text: [words, failed].filter(Boolean).join(" · "), tone: ended.result.failed ? "warn" : undefined, ...undo });
  }

  async function send(path: string, body?: unknown): Promise<void> {
    try {
      failures.value = [];
      jobId.value = (await api.post<BulkJob>(path, body)).id;
    } catch (error) {
      complain(error);
    }
  }

  const takeBack = (id: number) => send(`/bulk-edits/${id}/undo`);

  return {
    running,
    progress,
    failures,
    start: (edit: BulkEdit, which: { ids: (number | string)[] } | { filters: unknown }) => send(`/bulk-edits/${kind}`, { ...edit, ...which }),
    forget: () => void (failures.value = []),
    cancel: () => (jobId.value === null ? Promise.resolve() : api.post(`/jobs/${jobId.value}/cancel`).then(() => undefined, complain)),
  };
}
