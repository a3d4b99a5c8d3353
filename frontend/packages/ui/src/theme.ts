/** Light, dark, or as the machine has it; kept over reloads and put on the page before it is painted. */
import { computed, ref, watchEffect, type ComputedRef, type Ref } from "vue";

export type ThemeChoice = "light" | "dark" | "system";
const STORED = "guanxi.theme";

function storedChoice(): ThemeChoice {
  try {
    const value = localStorage.getItem(STORED);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

const choice = ref<ThemeChoice>("system");
const machineDark = ref(false);
let started = false;

function start(): void {
  started = true;
  choice.value = storedChoice();
  const query = window.matchMedia("(prefers-color-scheme: dark)");
  machineDark.value = query.matches;
  query.addEventListener("change", (event) => (machineDark.value = event.matches));
  watchEffect(() => {
    document.documentElement.dataset.theme = dark.value ? "dark" : "light";
    try {
      localStorage.setItem(STORED, choice.value);
    } catch {
      // A private window keeps nothing.
    }
  });
}

const dark = computed(() => (choice.value === "system" ? machineDark.value : choice.value === "dark"));

export function useTheme(): { choice: Ref<ThemeChoice>; dark: ComputedRef<boolean> } {
  if (!started) start();
  return { choice, dark };
}
