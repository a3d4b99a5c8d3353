// Builders that the tests share, and a server that answers fetch with what a test says.
import { vi } from "vitest";
import type { Message, WidgetConfig } from "../src/types";

export function message(values: Partial<Message> & { id: number }): Message {
  return {
    key: `k${values.id}`, client_key: "", sender: "assistant", name: "", text: `text ${values.id}`, generated: false,
    sources: [], choices: [], tail: "", asks: "", file: null, at: "2026-01-05T08:00:00Z", ...values,
  };
}

export const config: WidgetConfig = {
  key: "gxw_test1234", api: "/api/widget/v1", socket: "/ws/widget/", name: "茶礼", color: "#0f7b6c", side: "right",
  greeting: { zh: "您好", en: "Hello" }, starters: { zh: ["怎么发货？"], en: ["Shipping?"] }, allowed_origins: [], max_file_bytes: 1000,
};

export interface Call {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

export type Answer = { status?: number; body?: unknown; headers?: Record<string, string> } | "down";

/** Replaces fetch; `answer` sees each call and says what the server does. */
export function serve(answer: (call: Call) => Answer | Promise<Answer>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : init.body;
    const call = { method: init.method ?? "GET", path, headers: init.headers as Record<string, string>, body };
    calls.push(call);
    const answered = await answer(call);
    if (answered === "down") throw new TypeError("Failed to fetch");
    return new Response(JSON.stringify(answered.body ?? {}), { status: answered.status ?? 200, headers: answered.headers });
  });
  return calls;
}

/** A socket that a test opens, speaks through and cuts. */
export class FakeSocket {
  static all: FakeSocket[] = [];
  static readonly OPEN = 1;
  readyState = 0;
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.cut(1000);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(payload: unknown): void {
    this.onmessage?.({ data: JSON.stringify(payload) });
  }

  cut(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  static get last(): FakeSocket {
    const socket = FakeSocket.all[FakeSocket.all.length - 1];
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  static install(): void {
    FakeSocket.all = [];
    vi.stubGlobal("WebSocket", FakeSocket);
  }
}
