/** Rows of one part of a deal, edited as a whole and sent as a whole. */
import { api, ApiProblem } from "@guanxi/api";
import { useQueryClient } from "@tanstack/vue-query";
import { ref, type Ref } from "vue";

export interface PartsForm<R> {
  rows: Ref<R[]>;
  busy: Ref<boolean>;
  problem: Ref<ApiProblem | null>;
  begin: (rows: R[]) => void;
  remove: (at: number) => void;
  send: (path: string, body: unknown) => Promise<boolean>;
}

export function usePartsForm<R>(): PartsForm<R> {
  const queries = useQueryClient();
  const rows = ref<R[]>([]) as Ref<R[]>;
  const busy = ref(false);
  const problem = ref<ApiProblem | null>(null);
  return {
    rows,
    busy,
    problem,
    begin: (next) => {
      rows.value = next;
      problem.value = null;
    },
    remove: (at) => {
      rows.value = rows.value.filter((_, index) => index !== at);
    },
    send: async (path, body) => {
      busy.value = true;
      problem.value = null;
      try {
        await api.put(path, body);
        void queries.invalidateQueries({ queryKey: ["deal"] });
        return true;
      } catch (error) {
        if (!(error instanceof ApiProblem)) throw error;
        problem.value = error;
        return false;
      } finally {
        busy.value = false;
      }
    },
  };
}
