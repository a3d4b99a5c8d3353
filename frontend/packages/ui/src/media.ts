/** How wide the window is, as the layouts need to know. */
import { onScopeDispose, ref, type Ref } from "vue";

export function useMedia(query: string): Ref<boolean> {
  const media = window.matchMedia(query);
  const matches = ref(media.matches);
  const update = (event: MediaQueryListEvent) => (matches.value = event.matches);
  media.addEventListener("change", update);
  onScopeDispose(() => media.removeEventListener("change", update));
  return matches;
}

export const usePhone = (): Ref<boolean> => useMedia("(max-width: 719px)");
export const useNarrow = (): Ref<boolean> => useMedia("(max-width: 1099px)");

/** True only once `source` has been true for a while: a skeleton that flashes is worse than none. */
export const SKELETON_AFTER = 150;
