/** Which columns a list shows: the person's choice, kept by list. */
import { computed, ref, watch, type ComputedRef, type Ref } from "vue";

import type { Column } from "./types";

export interface ColumnChoice<T> {
  all: ComputedRef<readonly Column<T>[]>;
  visible: ComputedRef<Column<T>[]>;
  shown: Ref<string[]>;
  toggle: (id: string) => void;
  reset: () => void;
}

function stored(key: string): string[] | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return Array.isArray(value) ? value.map(String) : null;
  } catch {
    return null;
  }
}

export function useColumns<T>(list: string, columns: ComputedRef<readonly Column<T>[]>): ColumnChoice<T> {
  const key = `guanxi.columns.${list}`;
  const standard = () => columns.value.filter((column) => !column.optional).map((column) => column.id);
  const shown = ref<string[]>(stored(key) ?? standard());

  watch(shown, (ids) => {
    try {
      localStorage.setItem(key, JSON.stringify(ids));
    } catch {
      // The choice then lasts as long as the page.
    }
  });

  return {
    all: columns,
    // The first column names the row and always stands.
    visible: computed(() => columns.value.filter((column, index) => index === 0 || shown.value.includes(column.id))),
    shown,
    toggle: (id) => {
      shown.value = shown.value.includes(id) ? shown.value.filter((one) => one !== id) : [...shown.value, id];
    },
    reset: () => {
      shown.value = standard();
    },
  };
}
