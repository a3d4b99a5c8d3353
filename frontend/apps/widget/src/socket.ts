// The live line to the server: opens, says who it is, and after each break comes back by itself, ever more patiently.
import type { Live } from "./types";

export type Line = "connecting" | "online" | "offline";

export interface LineEvents {
  onLive: (live: Live) => void;
  onLine: (line: Line) => void;
  /** After each (re)connection: what was said meanwhile must be fetched. */
  onJoined: () => void;
  /** The server no longer takes this token. */
  onRefused: () => void;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30000;
const REFUSED = 4401;
const LIVE = ["message", "token", "typing", "talk"];
const PING_MS = 25000;
const SILENCE_MS = 60000;

export class LiveLine {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pulse: ReturnType<typeof setInterval> | undefined;
  private attempts = 0;
  private heard = 0;
  private stopped = true;

  constructor(
    private readonly address: string,
    private readonly token: () => string | null,
    private readonly events: LineEvents,
  ) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearInterval(this.pulse);
    this.socket?.close();
    this.socket = null;
  }

  /** The browser says that the network is back, or the page is looked at again: do not sit out the pause. */
  hurry(): void {
    if (this.stopped || this.socket) return;
    this.attempts = 0;
    clearTimeout(this.timer);
    this.connect();
  }

  say(payload: object): void {
    if (this.socket && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(payload));
  }

  private connect(): void {
    const token = this.token();
    if (this.stopped || !token) return;
    this.events.onLine("connecting");
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.address);
    } catch {
      this.retry();
      return;
    }
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", token }));
    socket.onmessage = (event) => this.hear(String(event.data));
    socket.onclose = (event) => this.lost(socket, event.code);
    clearInterval(this.pulse);
    this.heard = Date.now();
    this.pulse = setInterval(() => this.beat(), PING_MS);
  }

  private hear(data: string): void {
    this.heard = Date.now();
    const message = parse(data);
    if (!message) return;
    if (message["type"] === "ready") {
      this.attempts = 0;
      this.events.onLine("online");
      this.events.onJoined();
    } else if (LIVE.indexOf(String(message["type"])) >= 0) {
      this.events.onLive(message as unknown as Live);
    }
  }

  /** A phone that changed networks leaves a dead socket that never closes by itself. */
  private beat(): void {
    if (Date.now() - this.heard > SILENCE_MS) {
      const dead = this.socket;
      if (dead) {
        dead.onclose = null;
        dead.close();
        this.lost(dead, 1006);
      }
    } else this.say({ type: "ping" });
  }

  private lost(socket: WebSocket, code: number): void {
    if (this.socket !== socket) return;
    this.socket = null;
    clearInterval(this.pulse);
    this.events.onLine("offline");
    if (code === REFUSED) {
      this.stopped = true;
      this.events.onRefused();
    } else this.retry();
  }

  private retry(): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), pause(this.attempts, Math.random()));
    this.attempts += 1;
  }
}

/** Doubles up to half a minute; the random half keeps a thousand visitors from coming back in the same instant. */
export function pause(attempts: number, chance: number): number {
  const longest = Math.min(FIRST_DELAY_MS * Math.pow(2, Math.min(attempts, 10)), LONGEST_DELAY_MS);
  return longest / 2 + (longest / 2) * chance;
}

function parse(data: string): Record<string, unknown> | null {
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === "object" && message !== null ? (message as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
