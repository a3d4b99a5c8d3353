/** One record: read, changed where it stands, archived with a way back. Writes show at once and return to what was when refused. */
import { api, ApiProblem } from "@guanxi/api";
import { fieldWords, useI18n } from "@guanxi/i18n";
import { useLiveQueries } from "@guanxi/realtime";
import { toast } from "@guanxi/ui";
import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, reactive, toValue, watch, type ComputedRef, type MaybeRefOrGetter } from "vue";

import { remember } from "../app/recent";
import type { RecordBase } from "./types";
import { useProblemToast } from "./useProblemToast";

export interface RecordHandle<R extends RecordBase> {
  record: ComputedRef<R | undefined>;
  problem: ComputedRef<ApiProblem | null>;
  saving: Set<string>;
  errors: Record<string, string>;
  /** Changes fields; `shown` is what the page shows until the server has answered. */
  patch: (changes: Record<string, unknown>, shown?: Partial<R>) => Promise<boolean>;
  /** A step that the server names: `/convert`, `/assign`. */
  step: <T = R>(path: string, body?: unknown) => Promise<T | null>;
  archive: () => Promise<void>;
  reload: () => void;
}

export function useRecord<R extends RecordBase>(kind: string, path: string, id: MaybeRefOrGetter<number>, titleOf: (record: R) => string): RecordHandle<R> {
  const { t, te } = useI18n();
  const queries = useQueryClient();
  const complain = useProblemToast();
  const key = computed(() => [kind, "one", toValue(id)]);
  const url = () => `${path}/${toValue(id)}`;
  const query = useQuery<R, ApiProblem>({ queryKey: key, queryFn: () => api.get<R>(url()) });
  const saving = reactive(new Set<string>()) as Set<string>;
  const errors = reactive<Record<string, string>>({});
  let queue: Promise<unknown> = Promise.resolve();

  useLiveQueries(`${kind}.*`, (event) =>
    event.record?.[0] === kind && event.record[1] === toValue(id) ? [key.value, ["timeline", kind, toValue(id)]] : [],
  );
  useLiveQueries("activity.*", () => [["timeline", kind, toValue(id)]]);

  watch(
    () => query.data.value,
    (record) => record && remember({ kind, id: record.id, title: titleOf(record) }),
    { immediate: true },
  );

  function settle(record: R): void {
    queries.setQueryData(key.value, record);
    void queries.invalidateQueries({ queryKey: [kind, "list"] });
    void queries.invalidateQueries({ queryKey: ["timeline", kind, toValue(id)] });
  }

  function refused(error: unknown, before: R | undefined, fields: string[]): void {
    queries.setQueryData(key.value, before);
    if (!(error instanceof ApiProblem)) throw error;
    const named = fields.filter((field) => error.fields[field]);
    for (const field of named) errors[field] = fieldWords(t as never, te, error.fields[field] as string);
    if (!named.length) complain(error);
    if (error.conflict || error.unreachable) void query.refetch();
  }

  /** The names of what is changed; of the workspace's own fields each by itself. */
  function namesOf(changes: Record<string, unknown>): string[] {
    return Object.entries(changes).flatMap(([name, value]) => (name === "custom" ? Object.keys(value as object).map((key) => `custom.${key}`) : [name]));
  }

  async function write(changes: Record<string, unknown>, before: R | undefined): Promise<boolean> {
    const fields = namesOf(changes);
    try {
      const version = queries.getQueryData<R>(key.value)?.version;
      settle(await api.patch<R>(url(), changes, { version }));
      return true;
    } catch (error) {
      refused(error, before, fields);
      return false;
    } finally {
      for (const field of fields) saving.delete(field);
    }
  }

  async function patch(changes: Record<string, unknown>, shown?: Partial<R>): Promise<boolean> {
    const before = query.data.value;
    if (!before) return false;
    for (const field of namesOf(changes)) {
      saving.add(field);
      delete errors[field];
    }
    queries.setQueryData(key.value, { ...before, ...(shown ?? (changes as Partial<R>)) });
    // One after the other: each write carries the version that the one before it made.
    const mine = queue.then(() => write(changes, before));
    queue = mine.catch(() => undefined);
    return mine;
  }

  async function step<T = R>(name: string, body: unknown = undefined): Promise<T | null> {
    try {
      const answer = await api.post<T>(url() + name, body);
      void queries.invalidateQueries({ queryKey: [kind] });
      void queries.invalidateQueries({ queryKey: ["timeline"] });
      return answer;
    } catch (error) {
      complain(error);
      return null;
    }
  }

  async function archive(): Promise<void> {
    const title = query.data.value ? titleOf(query.data.value) : "";
    if ((await step("/archive")) === null) return;
    toast({ text: t("records.archived", { title }), undo: async () => void (await step("/restore")) });
  }

  return {
    record: computed(() => query.data.value),
    problem: computed(() => query.error.value),
    saving,
    errors,
    patch,
    step,
    archive,
    reload: () => void query.refetch(),
  };
}
