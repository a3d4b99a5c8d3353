// Joins the parts: the visit, the talk, the outbox and the live line. The page draws `state` and calls the verbs.
import type { PageInfo } from "../../loader/src/protocol";
import { Api, ApiError, type Contact, type Sent } from "./api";
import { socketAddress } from "./config";
import type { Kept } from "./kept";
import { newKey, Outbox, type Pending } from "./outbox";
import { refusal, shrink } from "./picture";
import { LiveLine, type Line } from "./socket";
import { awaiting, emptyTalk, gapBefore, lastId, settled, withInfo, withLive, withMessages, type Talk } from "./talk";
import type { Choice, Live, Message, Visit, WidgetConfig } from "./types";
import type { Language } from "./words";

export type Phase = "idle" | "starting" | "ready" | "failed";

export interface State {
  phase: Phase;
  line: Line;
  talk: Talk;
  pending: Pending[];
  open: boolean;
  unread: number;
  language: Language;
  contactKnown: boolean;
  /** A person has been asked for, and nobody has said so yet. */
  handoverAsked: boolean;
  loadingOlder: boolean;
  /** The last request reached nobody, or the browser says that there is no network. */
  stalled: boolean;
  /** A refusal to show above the composer, by code. */
  refusal: string;
}

export interface ClientHooks {
  onUnread?: (count: number, preview: string) => void;
  onEngaged?: () => void;
}

const QUIET_STREAM_MS = 45000;
const SETTLE_MS = 1000;
const REFETCH_MS = [3000, 5000, 10000, 20000, 30000];
const TYPING_EVERY_MS = 3000;

export class Client {
  state: State;
  private readonly kept: Kept;
  private readonly api: Api;
  private readonly outbox: Outbox;
  private readonly line: LiveLine;
  private readonly listeners = new Set<() => void>();
  private page: PageInfo = { url: "", title: "", referrer: "" };
  private flushing = false;
  private starting: Promise<void> | null = null;
  private flushTimer: ReturnType<typeof setTimeout> | undefined;
  private refetchTimer: ReturnType<typeof setTimeout> | undefined;
  private refetches = 0;
  private retries = 0;
  private typedAt = 0;

  constructor(
    readonly config: WidgetConfig,
    kept: Kept,
    language: Language,
    private readonly hooks: ClientHooks = {},
  ) {
    this.kept = kept;
    this.api = new Api(config.api, config.key);
    this.outbox = new Outbox(kept);
    this.state = {
      phase: "idle", line: "connecting", talk: emptyTalk, pending: this.outbox.list(), open: false, unread: 0, language,
      contactKnown: false, handoverAsked: false, loadingOlder: false, stalled: false, refusal: "",
    };
    this.line = new LiveLine(socketAddress(config.socket), () => this.api.token, {
      onLive: (live) => this.hear(live),
      onLine: (line) => this.onLine(line),
      onJoined: () => void this.refetch(),
      onRefused: () => void this.restart(),
    });
    setInterval(() => this.set({ talk: settled(this.state.talk, Date.now(), QUIET_STREAM_MS) }), SETTLE_MS);
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  setPage(page: PageInfo): void {
    this.page = page;
  }

  setLanguage(language: Language): void {
    this.set({ language });
  }

  /** True where this browser has talked here before, so that its unread messages are worth a connection. */
  get known(): boolean {
    return this.kept.get("token") !== null;
  }

  show(open: boolean): void {
    this.set({ open, unread: open ? 0 : this.state.unread });
    if (open) {
      this.kept.set("seen", String(lastId(this.state.talk)));
      this.hooks.onUnread?.(0, "");
      void this.start();
    }
  }

  start(): Promise<void> {
    if (this.state.phase === "ready") return Promise.resolve();
    if (!this.starting) {
      this.starting = this.begin();
      void this.starting.then(() => (this.starting = null));
    }
    return this.starting;
  }

  async send(text: string, choice?: Choice): Promise<void> {
    const trimmed = text.trim();
    if (!trimmed) return;
    const item: Pending = { key: newKey(), text: trimmed, at: new Date().toISOString() };
    this.queue(choice && choice.id ? { ...item, choice: choice.id } : item);
  }

  async sendPicture(file: File): Promise<void> {
    const refused = refusal(file, this.config.max_file_bytes);
    this.set({ refusal: refused });
    if (refused) return;
    const small = await shrink(file);
    if (small.size > this.config.max_file_bytes) {
      this.set({ refusal: "file_too_large" });
      return;
    }
    const item: Pending = { key: newKey(), text: "", fileName: file.name || "image", at: new Date().toISOString() };
    this.outbox.files.set(item.key, small);
    this.queue(item);
  }

  picture(key: string): Blob | null {
    return this.outbox.files.get(key) ?? null;
  }

  retry(key: string): void {
    this.outbox.change(key, { failed: undefined });
    this.sync();
    void this.flush();
  }

  discard(key: string): void {
    this.outbox.remove(key);
    this.sync();
  }

  dismissRefusal(): void {
    this.set({ refusal: "" });
  }

  /** The request is a message like any other: it waits for the network, and the person who comes sees it. */
  askForPerson(words: string): void {
    if (!this.state.handoverAsked) this.queue({ key: newKey(), text: words, handover: true, at: new Date().toISOString() });
  }

  /** Resolves to the refused fields; empty when it was stored. */
  async leaveContact(contact: Contact): Promise<Record<string, string>> {
    try {
      const { message, talk } = await this.api.contact(contact, newKey());
      this.set({ contactKnown: true, talk: withInfo(withMessages(this.state.talk, [message]), talk) });
      return {};
    } catch (error) {
      if (error instanceof ApiError && Object.keys(error.fields).length) return error.fields;
      return { form: codeOf(error) };
    }
  }

  async loadOlder(): Promise<void> {
    const before = this.state.talk.older;
    if (!before || this.state.loadingOlder) return;
    this.set({ loadingOlder: true });
    try {
      const page = await this.api.conversation({ before });
      this.set({ talk: { ...withMessages(this.state.talk, page.items), older: page.next } });
    } catch {
      // The button stays; another tap tries again.
    } finally {
      this.set({ loadingOlder: false });
    }
  }

  typing(): void {
    const now = Date.now();
    if (now - this.typedAt < TYPING_EVERY_MS) return;
    this.typedAt = now;
    this.line.say({ type: "typing" });
  }

  draft(text?: string): string {
    if (text !== undefined) this.kept.set("draft", text || null);
    return this.kept.get("draft") ?? "";
  }

  /** The browser says that the network is gone. */
  lose(): void {
    this.set({ stalled: true });
  }

  wake(): void {
    if (navigator.onLine !== false && this.outbox.next() === null) this.set({ stalled: false });
    this.line.hurry();
    this.retries = 0;
    if (this.state.phase === "ready") void this.flush();
    else if (this.state.phase === "failed" && this.state.open) void this.start();
  }

  private async begin(): Promise<void> {
    this.set({ phase: "starting" });
    this.api.token = this.kept.get("token");
    try {
      const visit = await this.visit();
      this.adopt(visit);
      this.line.start();
      void this.flush();
    } catch (error) {
      this.set({ phase: "failed", refusal: codeOf(error) });
    }
  }

  private async visit(): Promise<Visit> {
    try {
      return await this.api.visit(this.page, this.state.language);
    } catch (error) {
      // A token that the server no longer knows must not lock the visitor out: they begin anew.
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      this.api.token = null;
      return this.api.visit(this.page, this.state.language);
    }
  }

  private adopt(visit: Visit): void {
    this.api.token = visit.token;
    this.kept.set("token", visit.token);
    const talk = { ...withMessages({ ...this.state.talk, info: visit.talk }, visit.messages), older: visit.older };
    this.set({ phase: "ready", talk, contactKnown: visit.contact_known, refusal: "" });
    this.settleOwn(visit.messages);
    if (visit.messages.length) this.hooks.onEngaged?.();
    this.count();
  }

  private async restart(): Promise<void> {
    this.set({ phase: "idle" });
    await this.start();
    if (this.state.phase === "ready") this.line.start();
  }

  private queue(item: Pending): void {
    this.outbox.add(item);
    this.sync();
    this.set({ refusal: "" });
    this.hooks.onEngaged?.();
    void this.start().then(() => this.flush());
  }

  private async flush(): Promise<void> {
    if (this.flushing || this.state.phase !== "ready") return;
    this.flushing = true;
    clearTimeout(this.flushTimer);
    try {
      for (let item = this.outbox.next(); item; item = this.outbox.next()) {
        if (!(await this.deliver(item))) break;
      }
    } finally {
      this.flushing = false;
    }
  }

  /** False when the network or the server must be waited for; the message stays first in the queue. */
  private async deliver(item: Pending): Promise<boolean> {
    try {
      const sent = await this.post(item);
      this.retries = 0;
      this.set({ stalled: false });
      const talk = withInfo(withMessages(this.state.talk, [sent.message]), sent.talk);
      this.set({ talk: item.handover ? talk : awaiting(talk, sent.message, Date.now()) });
      this.outbox.remove(item.key);
      this.sync();
      this.kept.set("seen", String(lastId(this.state.talk)));
      if (this.state.line !== "online") this.refetchSoon(true);
      return true;
    } catch (error) {
      return this.onRefusedMessage(item, error);
    }
  }

  private async post(item: Pending): Promise<Sent> {
    if (item.handover) return this.api.handover(item.text, item.key);
    const file = await this.ensureFile(item);
    const message = { text: item.text, choice: item.choice, file, page: this.page, language: this.state.language };
    return this.api.send(message, item.key);
  }

  private async ensureFile(item: Pending): Promise<string | undefined> {
    if (!item.fileName || item.fileRef) return item.fileRef;
    const blob = this.outbox.files.get(item.key);
    if (!blob) throw new ApiError(422, "file_lost", 0);
    const stored = await this.api.upload(blob, item.fileName, `${item.key}-file`);
    this.outbox.change(item.key, { fileRef: stored.ref });
    return stored.ref;
  }

  private onRefusedMessage(item: Pending, error: unknown): boolean {
    if (error instanceof ApiError && error.status === 401) {
      void this.restart().then(() => this.flush());
      return false;
    }
    if (!(error instanceof ApiError) || error.passing) {
      const wait = error instanceof ApiError && error.retryAfter ? error.retryAfter * 1000 : Math.min(1000 * Math.pow(2, this.retries), 30000);
      this.retries += 1;
      this.set({ stalled: true });
      this.flushTimer = setTimeout(() => void this.flush(), wait);
      return false;
    }
    this.outbox.change(item.key, { failed: error.code });
    this.sync();
    return true;
  }

  private hear(live: Live): void {
    const before = lastId(this.state.talk);
    const gap = live.type === "message" ? gapBefore(this.state.talk, live.previous) : null;
    if (gap !== null) void this.refetch(gap);
    this.set({ talk: withLive(this.state.talk, live, Date.now()) });
    if (live.type === "message") {
      this.settleOwn([live.message]);
      if (live.message.id > before) this.count();
    }
  }

  private onLine(line: Line): void {
    this.set({ line });
    if (line === "offline") this.refetchSoon(true);
    else if (line === "online") {
      clearTimeout(this.refetchTimer);
      void this.flush();
    }
  }

  /** Everything after the last message that is known here; also how a page without a live line stays up to date. */
  private async refetch(from = lastId(this.state.talk)): Promise<void> {
    try {
      for (let after = from; ; ) {
        const page = await this.api.conversation({ after });
        const grew = page.items.length > 0;
        after = page.items.reduce((last, message) => Math.max(last, message.id), after);
        this.set({ talk: withInfo(withMessages(this.state.talk, page.items), page.talk) });
        this.settleOwn(page.items);
        if (grew) this.count();
        if (!page.next || !grew) return;
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) void this.restart();
    }
  }

  private refetchSoon(first = false): void {
    clearTimeout(this.refetchTimer);
    if (first) this.refetches = 0;
    const wait = REFETCH_MS[Math.min(this.refetches, REFETCH_MS.length - 1)] as number;
    this.refetches += 1;
    this.refetchTimer = setTimeout(() => {
      if (this.state.line === "online") return;
      const worthwhile = this.state.open && !document.hidden;
      void (worthwhile ? this.refetch() : Promise.resolve()).then(() => this.refetchSoon());
    }, wait);
  }

  /** A stored copy of an own message means that the outbox need not send it again. */
  private settleOwn(messages: Message[]): void {
    const keys = messages.filter((message) => message.client_key).map((message) => message.client_key);
    if (!keys.length) return;
    for (const item of this.outbox.list()) if (keys.indexOf(item.key) >= 0) this.outbox.remove(item.key);
    this.sync();
  }

  private count(): void {
    const newest = lastId(this.state.talk);
    if (this.state.open) {
      this.kept.set("seen", String(newest));
      return;
    }
    const seen = Number(this.kept.get("seen")) || 0;
    const fresh = this.state.talk.messages.filter((message) => message.id > seen && message.sender !== "visitor");
    const last = fresh[fresh.length - 1];
    this.set({ unread: fresh.length });
    this.hooks.onUnread?.(fresh.length, last ? last.text.slice(0, 80) : "");
  }

  private sync(): void {
    const pending = this.outbox.list();
    this.set({ pending, handoverAsked: pending.some((item) => item.handover && !item.failed) });
  }

  private set(values: Partial<State>): void {
    const names = Object.keys(values) as Array<keyof State>;
    if (names.every((name) => this.state[name] === values[name])) return;
    this.state = { ...this.state, ...values };
    this.listeners.forEach((listener) => listener());
  }
}

function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : "unknown";
}
