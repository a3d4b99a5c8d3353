/** The live line: says where it left off, gets what it missed, and never asks the page to reload. */

export interface LiveEvent {
  seq: number;
  kind: string;
  record: [kind: string, id: number] | null;
  data: Record<string, unknown>;
  at: string;
}

export interface Transient {
  channel: string;
  payload: Record<string, unknown>;
}

export type LiveState = "connecting" | "live" | "waiting" | "stopped";

interface Frame {
  type?: string;
  seq?: number;
  kind?: string;
  record?: [string, number] | null;
  data?: Record<string, unknown>;
  at?: string;
  channel?: string;
  payload?: Record<string, unknown>;
}

export interface LiveOptions {
  url: string;
  /** Milliseconds; doubled after each failure up to `slowest`, and spread so that not all pages return at once. */
  quickest?: number;
  slowest?: number;
  random?: () => number;
  /** A hidden page's line may be dead without saying so: after this long it is made anew. */
  staleAfter?: number;
  /** How often the server is asked whether it is still there. */
  beat?: number;
  socket?: (url: string) => WebSocket;
}

type Listener<T> = (value: T) => void;

/** Close codes after which trying again is of no use: not signed in, not allowed here. */
const FINAL = new Set([4401, 4403, 4404]);

export class LiveClient {
  state: LiveState = "stopped";
  /** The last number that this page has seen; null until the server has said one. */
  lastSeq: number | null = null;

  private readonly events = new Set<Listener<LiveEvent>>();
  private readonly transients = new Set<Listener<Transient>>();
  private readonly resyncs = new Set<Listener<number>>();
  private readonly states = new Set<Listener<LiveState>>();
  private readonly options: Required<LiveOptions>;
  private socket: WebSocket | null = null;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private hiddenSince = 0;
  private heart: ReturnType<typeof setInterval> | null = null;
  private heardAt = 0;

  constructor(options: LiveOptions) {
    this.options = {
      quickest: 400,
      slowest: 30_000,
      random: Math.random,
      staleAfter: 45_000,
      beat: 25_000,
      socket: (url) => new WebSocket(url),
      ...options,
    };
  }

  start(): void {
    if (this.state !== "stopped") return;
    this.listenToPage(true);
    this.connect();
  }

  stop(): void {
    this.listenToPage(false);
    this.clearTimer();
    this.become("stopped");
    this.drop();
  }

  onEvent(listener: Listener<LiveEvent>): () => void {
    return this.add(this.events, listener);
  }

  onTransient(listener: Listener<Transient>): () => void {
    return this.add(this.transients, listener);
  }

  /** Too much was missed to replay: everything shown must be asked anew. */
  onResync(listener: Listener<number>): () => void {
    return this.add(this.resyncs, listener);
  }

  onState(listener: Listener<LiveState>): () => void {
    return this.add(this.states, listener);
  }

  send(frame: Record<string, unknown>): boolean {
    if (this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  private add<T>(listeners: Set<Listener<T>>, listener: Listener<T>): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  private connect(): void {
    this.clearTimer();
    this.drop();
    this.become("connecting");
    let socket: WebSocket;
    try {
      socket = this.options.socket(this.options.url);
    } catch {
      this.retryLater();
      return;
    }
    this.socket = socket;
    socket.onopen = () => this.hello();
    socket.onmessage = (message) => this.read(String(message.data));
    socket.onclose = (close) => {
      if (this.socket !== socket) return;
      this.drop();
      if (this.state === "stopped") return;
      if (FINAL.has(close.code)) this.stop();
      else this.retryLater();
    };
  }

  private hello(): void {
    this.send({ type: "hello", last_seq: this.lastSeq });
    this.beat();
  }

  private read(text: string): void {
    let frame: Frame;
    try {
      frame = JSON.parse(text) as Frame;
    } catch {
      return;
    }
    this.heardAt = Date.now();
    if (frame.type === "event") this.take(frame);
    else if (frame.type === "seq") this.passOver(frame.seq);
    else if (frame.type === "transient") this.pass(frame);
    else if (frame.type === "ready") this.ready(frame.seq);
    else if (frame.type === "resync") this.resync(frame.seq);
  }

  private take(frame: Frame): void {
    if (typeof frame.seq !== "number" || !frame.kind) return;
    if (this.lastSeq !== null && frame.seq <= this.lastSeq) return;
    if (this.lastSeq !== null && frame.seq > this.lastSeq + 1) {
      // The server names every number, also those of events that this member may not see: here one was lost on the way.
      this.connect();
      return;
    }
    this.lastSeq = frame.seq;
    const event: LiveEvent = { seq: frame.seq, kind: frame.kind, record: frame.record ?? null, data: frame.data ?? {}, at: frame.at ?? "" };
    for (const listener of this.events) listener(event);
  }

  /** Numbers up to this one belong to events that this member may not see. */
  private passOver(seq: number | undefined): void {
    if (typeof seq === "number" && this.lastSeq !== null && seq > this.lastSeq) this.lastSeq = seq;
  }

  private pass(frame: Frame): void {
    if (!frame.channel) return;
    const transient = { channel: frame.channel, payload: frame.payload ?? frame.data ?? {} };
    for (const listener of this.transients) listener(transient);
  }

  private ready(seq: number | undefined): void {
    this.failures = 0;
    if (typeof seq === "number") this.lastSeq = Math.max(this.lastSeq ?? 0, seq);
    this.become("live");
  }

  private resync(seq: number | undefined): void {
    this.lastSeq = seq ?? null;
    for (const listener of this.resyncs) listener(seq ?? 0);
  }

  private retryLater(): void {
    this.become("waiting");
    const ceiling = Math.min(this.options.slowest, this.options.quickest * 2 ** this.failures);
    this.failures += 1;
    // Full jitter over the upper half: a server that comes back is not met by all pages in one moment.
    const wait = ceiling / 2 + (ceiling / 2) * this.options.random();
    this.clearTimer();
    this.timer = setTimeout(() => this.connect(), wait);
  }

  /** A line may die without a word; whoever does not answer a ping is gone. */
  private beat(): void {
    this.heardAt = Date.now();
    this.heart = setInterval(() => {
      if (Date.now() - this.heardAt > this.options.beat * 2) this.connect();
      // A greeting may be lost while pings are answered: it is said again until the server is ready.
      else this.send(this.state === "live" ? { type: "ping" } : { type: "hello", last_seq: this.lastSeq });
    }, this.options.beat);
  }

  private become(state: LiveState): void {
    if (this.state === state) return;
    this.state = state;
    for (const listener of this.states) listener(state);
  }

  private drop(): void {
    if (this.heart) clearInterval(this.heart);
    this.heart = null;
    const old = this.socket;
    this.socket = null;
    if (!old) return;
    old.onopen = old.onmessage = old.onclose = null;
    old.close();
  }

  private clearTimer(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private listenToPage(on: boolean): void {
    if (typeof document === "undefined") return;
    const change = on ? "addEventListener" : "removeEventListener";
    document[change]("visibilitychange", this.shown);
    window[change]("online", this.online);
  }

  private readonly shown = (): void => {
    if (document.visibilityState === "hidden") {
      this.hiddenSince = Date.now();
      return;
    }
    const away = this.hiddenSince ? Date.now() - this.hiddenSince : 0;
    this.hiddenSince = 0;
    if (this.state === "waiting" || (this.state === "live" && away > this.options.staleAfter)) this.connect();
  };

  private readonly online = (): void => {
    if (this.state !== "stopped") {
      this.failures = 0;
      this.connect();
    }
  };
}
