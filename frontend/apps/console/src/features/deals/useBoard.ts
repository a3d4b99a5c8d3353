/** The board: columns by stage, and moves that show at once and go back when refused. */
import { api, type ApiProblem, type Page, type Query } from "@guanxi/api";
import { useLiveQueries } from "@guanxi/realtime";
import { useQuery, useQueryClient, keepPreviousData } from "@tanstack/vue-query";
import { computed, ref, type ComputedRef, type Ref } from "vue";

import { useProblemToast } from "../../records/useProblemToast";
import type { BoardColumn, Deal, Stage } from "./model";

export interface MoveInput {
  lost_reason?: string;
  loss_reason_id?: number;
  note?: string;
  fields?: Record<string, unknown>;
}

export interface Board {
  columns: ComputedRef<BoardColumn[]>;
  loading: ComputedRef<boolean>;
  problem: ComputedRef<ApiProblem | null>;
  busy: Ref<number[]>;
  move: (deal: Deal, to: Stage, input?: MoveInput) => Promise<boolean>;
  loadMore: (stage: string) => Promise<void>;
  reload: () => void;
}

/** The same board with one deal in another column, totals included. */
export function moved(columns: BoardColumn[], deal: Deal, to: Stage): BoardColumn[] {
  const amount = Number(deal.amount);
  return columns.map((column) => {
    if (column.stage.id === deal.stage.id) {
      return { ...column, count: column.count - 1, total: String(Number(column.total) - amount), deals: column.deals.filter((one) => one.id !== deal.id) };
    }
    if (column.stage.id !== to.id) return column;
    const there = { ...deal, stage: to, stage_entered_at: new Date().toISOString() };
    return { ...column, count: column.count + 1, total: String(Number(column.total) + amount), deals: [there, ...column.deals] };
  });
}

export function useBoard(query: ComputedRef<Query>): Board {
  const queries = useQueryClient();
  const complain = useProblemToast();
  const busy = ref<number[]>([]);
  const key = computed(() => ["deal", "board", query.value]);
  const board = useQuery<BoardColumn[], ApiProblem>({
    queryKey: key,
    queryFn: ({ signal }) => api.get<BoardColumn[]>("/deals/board", { query: query.value, signal }),
    placeholderData: keepPreviousData,
  });
  // While a card is on its way the board must not be replaced by an older answer.
  useLiveQueries("deal.*", () => (busy.value.length ? [] : [["deal", "board"]]), 300);

  async function move(deal: Deal, to: Stage, input: MoveInput = {}): Promise<boolean> {
    const at = key.value;
    await queries.cancelQueries({ queryKey: at });
    const before = queries.getQueryData<BoardColumn[]>(at);
    if (before) queries.setQueryData(at, moved(before, deal, to));
    busy.value = [...busy.value, deal.id];
    try {
      await api.post(`/deals/${deal.id}/move`, { stage_id: to.id, ...input }, { version: deal.version });
      void queries.invalidateQueries({ queryKey: ["deal"] });
      return true;
    } catch (error) {
      queries.setQueryData(at, before);
      complain(error);
      void queries.invalidateQueries({ queryKey: ["deal", "board"] });
      return false;
    } finally {
      busy.value = busy.value.filter((id) => id !== deal.id);
    }
  }

  async function loadMore(stage: string): Promise<void> {
    const at = key.value;
    const column = queries.getQueryData<BoardColumn[]>(at)?.find((one) => String(one.stage.id) === stage);
    if (!column?.next) return;
    const cursor = column.next;
    queries.setQueryData<BoardColumn[]>(at, (all) => all?.map((one) => (one === column ? { ...one, next: null } : one)));
    const page = await api.get<Page<Deal>>("/deals", { query: { ...query.value, stage_id: stage, cursor } });
    queries.setQueryData<BoardColumn[]>(at, (all) =>
      all?.map((one) => (String(one.stage.id) === stage ? { ...one, next: page.next, deals: [...one.deals, ...page.items.filter((deal) => !one.deals.some((known) => known.id === deal.id))] } : one)),
    );
  }

  return {
    columns: computed(() => board.data.value ?? []),
    loading: computed(() => board.isPending.value),
    problem: computed(() => board.error.value),
    busy,
    move,
    loadMore,
    reload: () => void board.refetch(),
  };
}
