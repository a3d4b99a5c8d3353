// The script tag's entry: reads the tag, starts one chat a page, and leaves a small object for the page's own scripts.
import { Chat } from "./chat";
import { isColor } from "./dom";
import { pickLanguage } from "./words";

declare global {
  interface Window {
    Guanxi?: Handle;
  }
}

export interface Handle {
  key: string;
  open: () => void;
  close: () => void;
  toggle: () => void;
  destroy: () => void;
}

const KEY = /^gxw_[\w-]{8,64}$/;

export function findTag(): HTMLScriptElement | null {
  const current = document.currentScript as HTMLScriptElement | null;
  return current && current.src ? current : document.querySelector<HTMLScriptElement>("script[src*='widget.js'][data-key]");
}

export function start(tag: HTMLScriptElement | null): Handle | null {
  if (!tag) return null;
  const source = new URL(tag.src, location.href);
  // Tag managers drop data attributes, so the key may stand in the address as well.
  const key = tag.getAttribute("data-key") || source.searchParams.get("key") || "";
  if (!KEY.test(key)) {
    console.error("[guanxi] widget.js needs data-key=\"gxw_…\", as shown under Settings > Channels");
    return null;
  }
  if (window.Guanxi) {
    if (window.Guanxi.key !== key) console.warn("[guanxi] a chat with another key already runs on this page");
    return window.Guanxi;
  }
  const theme = tag.getAttribute("data-theme");
  const side = tag.getAttribute("data-side");
  const color = tag.getAttribute("data-color");
  const options = {
    key,
    origin: source.origin,
    lang: pickLanguage(tag.getAttribute("data-lang"), document.documentElement.lang, navigator.language),
    theme: theme === "light" || theme === "dark" ? theme : "auto",
    side: side === "left" || side === "right" ? side : "",
    color: isColor(color) ? color : "",
  } as const;
  return run(options);
}

function run(options: ConstructorParameters<typeof Chat>[0]): Handle {
  let chat: Chat | null = null;
  let wanted = false;
  const begin = (): void => {
    if (window.Guanxi !== handle) return;
    chat = new Chat(options);
    if (wanted) chat.open();
  };
  const handle: Handle = {
    key: options.key,
    open: () => (chat ? chat.open() : (wanted = true)),
    close: () => (chat ? chat.close() : (wanted = false)),
    toggle: () => (chat ? chat.toggle() : (wanted = !wanted)),
    destroy: () => {
      chat?.destroy();
      delete window.Guanxi;
    },
  };
  window.Guanxi = handle;
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin, { once: true });
  else begin();
  return handle;
}
