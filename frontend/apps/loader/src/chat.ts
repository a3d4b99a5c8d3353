// The launcher on the page and the frame behind it: shows, hides, resizes, and speaks with the frame.
import { icon, inkOn, isColor, style } from "./dom";
import { Memory } from "./memory";
import { currentPage, onNavigate } from "./page";
import { seal, unseal, type FromFrame, type ToFrame } from "./protocol";
import { wordsFor, type Words } from "./words";

export interface Options {
  key: string;
  /** Where widget.js came from; the only origin that the loader talks to. */
  origin: string;
  lang: "zh-CN" | "en";
  theme: "light" | "dark" | "auto";
  /** Empty where the page says nothing: the workspace's own setting holds. */
  side: "left" | "right" | "";
  color: string;
}

const CHAT_ICON = ["M7.9 20A9 9 0 1 0 4 16.1L2 22Z"];
const DOWN_ICON = ["m6 9 6 6 6-6"];
const TOP = "2147483647";
const PHONE = "(max-width: 480px), (max-height: 420px)";
const SLOW_AFTER_MS = 10000;

export class Chat {
  private readonly memory: Memory;
  private readonly words: Words;
  private readonly host = document.createElement("div");
  private readonly button = document.createElement("button");
  private readonly badge = document.createElement("span");
  private readonly panel = document.createElement("div");
  private readonly slow = document.createElement("a");
  private readonly undo: Array<() => void> = [];
  private readonly small = matchMedia(PHONE);
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)");
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");
  private frame: HTMLIFrameElement | null = null;
  private ready = false;
  private opened = false;
  private refused = false;
  private unread = 0;
  private side: "left" | "right";
  private color: string;
  private scrollLock: string | null = null;

  constructor(readonly options: Options) {
    this.memory = new Memory(options.key);
    this.words = wordsFor(options.lang);
    const kept = this.memory.get("color");
    this.color = options.color || (isColor(kept) ? kept : "#0f7b6c");
    this.side = options.side || (this.memory.get("side") === "left" ? "left" : "right");
    this.build();
    this.paint();
    this.attach();
    this.listen();
    this.resume();
  }

  open(focus = true): void {
    if (this.refused) {
      window.open(this.address(), "_blank", "noopener");
      return;
    }
    this.load();
    this.opened = true;
    this.memory.set("open", "1", "sessionStorage");
    this.paint();
    this.tell({ type: "page", page: currentPage() });
    this.tell({ type: "shown", open: true, fullscreen: this.small.matches });
    if (focus) this.frame?.focus({ preventScroll: true });
  }

  close(focus = true): void {
    if (!this.opened) return;
    this.opened = false;
    this.memory.set("open", null, "sessionStorage");
    this.paint();
    this.tell({ type: "shown", open: false, fullscreen: this.small.matches });
    if (focus) this.button.focus({ preventScroll: true });
  }

  toggle(): void {
    if (this.opened) this.close();
    else this.open();
  }

  destroy(): void {
    this.close(false);
    this.undo.forEach((step) => step());
    this.host.remove();
  }

  private address(): string {
    return `${this.options.origin}/widget/${encodeURIComponent(this.options.key)}?lang=${this.options.lang}`;
  }

  private build(): void {
    this.host.setAttribute("data-guanxi", "");
    const root: Node = this.host.attachShadow ? this.host.attachShadow({ mode: "open" }) : this.host;
    this.button.type = "button";
    this.button.setAttribute("aria-haspopup", "dialog");
    this.badge.setAttribute("aria-hidden", "true");
    this.slow.href = this.address();
    this.slow.target = "_blank";
    this.slow.rel = "noopener";
    this.slow.textContent = this.words.newTab;
    this.panel.appendChild(this.slow);
    root.appendChild(this.panel);
    root.appendChild(this.button);
  }

  /** Outside of <body>, because single-page frameworks replace that whole. */
  private attach = (): void => {
    if (!this.host.isConnected) document.documentElement.appendChild(this.host);
  };

  private listen(): void {
    const on = (target: EventTarget, kind: string, handler: (event: never) => void): void => {
      target.addEventListener(kind, handler as EventListener);
      this.undo.push(() => target.removeEventListener(kind, handler as EventListener));
    };
    const warmUp = (): void => this.load();
    on(this.button, "click", () => this.toggle());
    on(this.button, "pointerenter", warmUp);
    on(this.button, "focus", warmUp);
    on(this.button, "keydown", (event: KeyboardEvent) => event.key === "Escape" && this.close());
    on(window, "message", this.receive);
    on(document, "securitypolicyviolation", this.onViolation);
    on(window, "beforeprint", () => style(this.host, { display: "none" }));
    on(window, "afterprint", () => this.paint());
    const resize = (): void => {
      this.paint();
      this.tell({ type: "shown", open: this.opened, fullscreen: this.small.matches });
    };
    for (const query of [this.small, this.still, this.dark]) {
      // Safari before 14 knows only addListener.
      query.addListener(resize);
      this.undo.push(() => query.removeListener(resize));
    }
    if (window.visualViewport) on(window.visualViewport, "resize", () => this.opened && this.paint());
    const watcher = new MutationObserver(this.attach);
    watcher.observe(document, { childList: true });
    watcher.observe(document.documentElement, { childList: true });
    this.undo.push(() => watcher.disconnect());
    this.undo.push(onNavigate(() => this.tell({ type: "page", page: currentPage() })));
  }

  /** A visitor who has talked before gets the badge, and on a large screen the open panel, on every next page. */
  private resume(): void {
    if (this.memory.get("open", "sessionStorage") && !this.small.matches) this.open(false);
    else if (this.memory.get("engaged")) {
      const idle = (window as { requestIdleCallback?: (run: () => void) => number }).requestIdleCallback;
      if (idle) idle(() => this.load());
      else setTimeout(() => this.load(), 1500);
    }
  }

  private load(): void {
    if (this.frame || this.refused) return;
    const frame = document.createElement("iframe");
    frame.title = this.words.title;
    frame.src = this.address();
    frame.setAttribute("allow", "clipboard-write");
    style(frame, {
      all: "initial", display: "block", position: "absolute", inset: "0", top: "0", left: "0",
      width: "100%", height: "100%", border: "0", "color-scheme": "light dark",
    });
    this.frame = frame;
    this.panel.appendChild(frame);
    setTimeout(() => this.ready || this.paint(true), SLOW_AFTER_MS);
  }

  private tell(message: ToFrame): void {
    if (this.ready) this.frame?.contentWindow?.postMessage(seal(message), this.options.origin);
  }

  private receive = (event: MessageEvent): void => {
    if (!this.frame || event.source !== this.frame.contentWindow || event.origin !== this.options.origin) return;
    const message = unseal<FromFrame>(event.data);
    if (!message) return;
    if (message.type === "ready") this.greet();
    else if (message.type === "close") this.close();
    else if (message.type === "unread") this.unread = Math.max(0, Math.min(99, Number(message.count) || 0));
    else if (message.type === "engaged") this.memory.set("engaged", "1");
    else if (message.type === "store" && /^[a-z]{1,20}$/.test(message.key)) this.memory.set(`kept.${message.key}`, message.value);
    else if (message.type === "appearance") this.dress(message.color, message.side);
    this.paint();
  };

  private greet(): void {
    this.ready = true;
    const token = this.memory.get("kept.token");
    this.tell({
      type: "init",
      lang: this.options.lang,
      theme: this.options.theme,
      page: currentPage(),
      open: this.opened,
      fullscreen: this.small.matches,
      stored: token ? { token } : {},
    });
  }

  private dress(color: unknown, side: unknown): void {
    if (!this.options.color && isColor(color)) {
      this.color = color;
      this.memory.set("color", color);
    }
    if (!this.options.side && (side === "left" || side === "right")) {
      this.side = side;
      this.memory.set("side", side);
    }
  }

  private onViolation = (event: SecurityPolicyViolationEvent): void => {
    const ours = event.blockedURI.indexOf(this.options.origin) === 0 && /^(frame|child|default)-src/.test(event.violatedDirective);
    if (!ours) return;
    // The page forbids the frame. The chat still works as a page of its own, so that nobody is left without an answer.
    this.refused = true;
    if (this.opened) this.close();
    this.frame?.remove();
    this.frame = null;
  };

  private paint(slow = false): void {
    const phone = this.small.matches;
    const full = phone && this.opened;
    const motion = this.still.matches ? "none" : "opacity .16s ease, transform .16s ease, visibility .16s";
    const night = this.options.theme === "dark" || (this.options.theme === "auto" && this.dark.matches);
    style(this.host, {
      all: "initial", display: "block", position: "fixed", "z-index": TOP, width: "0", height: "0",
      bottom: "0", [this.side]: "0", overflow: "visible", opacity: "1", visibility: "visible", transform: "none",
    });
    this.paintButton(full, motion);
    const viewport = window.visualViewport;
    const place: Record<string, string> = full
      ? { top: `${viewport ? viewport.offsetTop : 0}px`, bottom: "auto", left: "0", right: "0", width: "100%",
          height: viewport ? `${viewport.height}px` : "100%", "max-height": "none", border: "0", "border-radius": "0" }
      : { top: "auto", bottom: "84px", left: "auto", right: "auto", [this.side]: "20px", width: "384px",
          height: "640px", "max-height": "calc(100vh - 104px)", "border-radius": "6px",
          border: `1px solid ${night ? "#2c3331" : "#dfe4e2"}` };
    style(this.panel, {
      all: "initial", display: this.frame ? "block" : "none", position: "fixed", "box-sizing": "border-box", overflow: "hidden",
      background: night ? "#151a19" : "#ffffff", "box-shadow": full ? "none" : "0 12px 40px rgba(10,25,22,.18)",
      transition: full ? "none" : motion,
      opacity: this.opened ? "1" : "0", visibility: this.opened ? "visible" : "hidden",
      transform: this.opened || this.still.matches ? "none" : "translateY(8px)",
    });
    style(this.panel, place);
    style(this.slow, {
      all: "initial", display: slow && !this.ready ? "block" : "none", position: "absolute", top: "45%", left: "0", width: "100%",
      "text-align": "center", color: this.color, font: "14px/1.5 system-ui, sans-serif", "text-decoration": "underline", cursor: "pointer",
    });
    this.lockScroll(full);
  }

  private paintButton(hidden: boolean, motion: string): void {
    const label = this.opened ? this.words.close : this.unread ? this.words.unread(this.unread) : this.words.open;
    this.button.setAttribute("aria-label", label);
    this.button.setAttribute("aria-expanded", String(this.opened));
    this.button.title = label;
    const ink = inkOn(this.color);
    this.button.textContent = "";
    this.button.appendChild(icon(this.opened ? DOWN_ICON : CHAT_ICON, 24));
    this.button.appendChild(this.badge);
    this.badge.textContent = this.unread > 9 ? "9+" : String(this.unread);
    style(this.button, {
      display: hidden ? "none" : "flex", position: "fixed", bottom: "20px",
      left: "auto", right: "auto", [this.side]: "20px", width: "52px", height: "52px", margin: "0", padding: "0",
      "align-items": "center", "justify-content": "center", border: "0", "border-radius": "50%", cursor: "pointer",
      background: this.color, color: ink, "box-shadow": "0 4px 16px rgba(10,25,22,.22)", "outline-offset": "3px",
      transition: motion, "-webkit-tap-highlight-color": "transparent",
    });
    // On its own, because a browser that does not know env() ignores it and keeps the value above.
    style(this.button, { bottom: "calc(20px + env(safe-area-inset-bottom, 0px))" });
    style(this.badge, {
      display: this.unread && !this.opened ? "block" : "none", position: "absolute", top: "-4px", right: "-4px",
      "min-width": "20px", height: "20px", padding: "0 5px", "box-sizing": "border-box", "border-radius": "10px",
      background: "#c8372d", color: "#fff", font: "600 12px/20px system-ui, sans-serif", "text-align": "center",
    });
  }

  /** The page behind a full screen must not scroll along; its own value comes back afterwards. */
  private lockScroll(locked: boolean): void {
    const root = document.documentElement;
    if (locked && this.scrollLock === null) {
      this.scrollLock = root.style.overflow;
      root.style.overflow = "hidden";
    } else if (!locked && this.scrollLock !== null) {
      root.style.overflow = this.scrollLock;
      this.scrollLock = null;
    }
  }
}
