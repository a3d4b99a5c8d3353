// The frame's end of the conversation with the page that embeds it.
import { seal, unseal, type FromFrame, type PageInfo, type ToFrame } from "../../loader/src/protocol";

export interface BridgeEvents {
  onInit: (init: Extract<ToFrame, { type: "init" }>) => void;
  onPage: (page: PageInfo) => void;
  onShown: (open: boolean, fullscreen: boolean) => void;
}

export class Bridge {
  /** Where the embedding page's origin is known, nothing goes to any other. */
  private origin = "";
  readonly framed: boolean;

  constructor(
    private readonly allowed: string[],
    private readonly events: BridgeEvents,
    private readonly host: Window = window,
  ) {
    this.framed = host.parent !== host;
    if (!this.framed) return;
    host.addEventListener("message", this.receive);
    // Says only "here I am": it may go to any page, since the browser already refused those that may not frame us.
    host.parent.postMessage(seal({ type: "ready" }), "*");
  }

  tell(message: FromFrame): void {
    if (this.framed && this.origin) this.host.parent.postMessage(seal(message), this.origin);
  }

  private receive = (event: MessageEvent): void => {
    if (event.source !== this.host.parent || !this.trusts(event.origin)) return;
    const message = unseal<ToFrame>(event.data);
    if (!message) return;
    if (message.type === "init") {
      // A page without an origin of its own (a local file) cannot be named as the target; it is told nothing.
      this.origin = event.origin === "null" ? "" : event.origin;
      this.events.onInit(message);
    } else if (!this.origin) return;
    else if (message.type === "page") this.events.onPage(message.page);
    else if (message.type === "shown") this.events.onShown(message.open === true, message.fullscreen === true);
  };

  private trusts(origin: string): boolean {
    return this.allowed.length === 0 || origin === this.host.location.origin || this.allowed.some((pattern) => matchesOrigin(pattern, origin));
  }
}

/** `https://shop.example.com`, or `https://*.example.com` for every host below it. */
export function matchesOrigin(pattern: string, origin: string): boolean {
  const star = pattern.indexOf("://*.");
  if (star < 0) return pattern.toLowerCase() === origin.toLowerCase();
  const scheme = pattern.slice(0, star + 3).toLowerCase();
  const suffix = pattern.slice(star + 4).toLowerCase();
  const given = origin.toLowerCase();
  return given.indexOf(scheme) === 0 && given.length > scheme.length + suffix.length && given.slice(-suffix.length) === suffix;
}
