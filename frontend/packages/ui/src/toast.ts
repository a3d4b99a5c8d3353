/** Short messages at the foot of the page; a destructive step may be undone from there for ten seconds. */
import { readonly, ref, type Ref } from "vue";

import type { Tone } from "./types";

export interface ToastInit {
  text: string;
  tone?: Tone;
  undo?: () => void | Promise<void>;
  action?: { label: string; run: () => void };
  /** Milliseconds; ten seconds where something may be undone. */
  stay?: number;
}

export interface Toast extends ToastInit {
  id: number;
  stay: number;
}

export const UNDO_FOR = 10_000;
const toasts = ref<Toast[]>([]);
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let next = 1;

function dismiss(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

function arm(toast: Toast): void {
  timers.set(
    toast.id,
    setTimeout(() => dismiss(toast.id), toast.stay),
  );
}

export function toast(init: ToastInit): number {
  const made: Toast = { ...init, id: next, stay: init.stay ?? (init.undo ? UNDO_FOR : init.tone === "bad" ? 8000 : 4000) };
  next += 1;
  toasts.value = [...toasts.value.slice(-3), made];
  arm(made);
  return made.id;
}

export function useToasts(): { toasts: Readonly<Ref<readonly Toast[]>>; dismiss: (id: number) => void; hold: (id: number) => void; release: (id: number) => void } {
  return {
    toasts: readonly(toasts) as Readonly<Ref<readonly Toast[]>>,
    dismiss,
    hold: (id) => clearTimeout(timers.get(id)),
    release: (id) => {
      const found = toasts.value.find((one) => one.id === id);
      if (found) arm(found as Toast);
    },
  };
}
