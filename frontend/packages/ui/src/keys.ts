/** Keys that work on the whole page, but never while somebody types. */
import { onBeforeUnmount, onMounted } from "vue";

export function typingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** True while a dialog, drawer or menu floats above: the page below must not move. */
export function somethingFloats(): boolean {
  return Boolean(document.querySelector('[aria-modal="true"]:not([style*="display: none"]), .gx-palette'));
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
