/** Keys that work on the whole page, but never while somebody types. */
import { onBeforeUnmount, onMounted } from "vue";

export function typingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** True while a dialog, drawer or menu floats above: the page below must not move. */
export function somethingFloats(): boolean {
  // A closed dialog stays in the page, hidden by what is around it.
  return [...document.querySelectorAll('[aria-modal="true"], .gx-palette')].some((one) => one.getClientRects().length > 0);
}

export function usePageKeys(handler: (event: KeyboardEvent) => void): void {
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
    if (typingIn(event.target) || somethingFloats()) return;
    handler(event);
  };
  onMounted(() => window.addEventListener("keydown", listen));
  onBeforeUnmount(() => window.removeEventListener("keydown", listen));
}
