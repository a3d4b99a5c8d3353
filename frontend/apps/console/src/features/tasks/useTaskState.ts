/** Finishes and reopens a task wherever it shows; the tick is seen at once and may be undone. */
import { api } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import { toast } from "@guanxi/ui";
import { useQueryClient } from "@tanstack/vue-query";
import { reactive } from "vue";

import { useProblemToast } from "../../records/useProblemToast";
import type { Task } from "./model";

export function useTaskState() {
  const { t } = useI18n();
  const queries = useQueryClient();
  const complain = useProblemToast();
  /** What the person just said, until the list has come again. */
  const said = reactive(new Map<number, Task["state"]>()) as Map<number, Task["state"]>;

  async function put(task: Pick<Task, "id">, state: "done" | "open"): Promise<boolean> {
    said.set(task.id, state);
    try {
      await api.post(`/tasks/${task.id}/${state === "done" ? "done" : "reopen"}`);
      await Promise.all([queries.invalidateQueries({ queryKey: ["task"] }), queries.invalidateQueries({ queryKey: ["timeline"] })]);
      return true;
    } catch (error) {
      complain(error);
      return false;
    } finally {
      said.delete(task.id);
    }
  }

  return {
    stateOf: (task: Task) => said.get(task.id) ?? task.state,
    toggle: async (task: Task) => {
      const to = (said.get(task.id) ?? task.state) === "open" ? "done" : "open";
      if ((await put(task, to)) && to === "done") toast({ text: t("tasks.finished", { title: task.title }), undo: async () => void (await put(task, "open")) });
    },
  };
}
