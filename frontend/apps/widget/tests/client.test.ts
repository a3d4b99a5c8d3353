import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Client } from "../src/client";
import { Kept } from "../src/kept";
import { config, FakeSocket, message, serve, type Answer, type Call } from "./support";

const talk = { state: "bot", agent: "" };
const visit = { token: "t1", talk, messages: [], older: null, contact_known: false };

function client(hooks = {}): Client {
  return new Client(config, new Kept(config.key), "zh-CN", hooks);
}

/** A server that stores each idempotency key once, as the real one does. */
function shop(extra: (call: Call) => Answer | null = () => null): { calls: Call[]; stored: Map<string, ReturnType<typeof message>> } {
  const stored = new Map<string, ReturnType<typeof message>>();
  const calls = serve((call) => {
    const special = extra(call);
    if (special) return special;
    if (call.path.endsWith("/visits")) return { body: { ...visit, messages: Array.from(stored.values()) } };
    if (call.path.endsWith("/messages")) {
      const key = call.headers["Idempotency-Key"] as string;
      const body = call.body as { text: string };
      if (!stored.has(key)) stored.set(key, message({ id: stored.size + 1, key, client_key: key, sender: "visitor", text: body.text }));
      return { status: 201, body: { message: stored.get(key), talk } };
    }
    if (call.path.includes("/conversation")) {
      const after = Number(new URL(call.path, "http://x").searchParams.get("after"));
      return { body: { items: Array.from(stored.values()).filter((item) => item.id > after), next: null, talk } };
    }
    return { status: 404, body: { code: "not_found" } };
  });
  return { calls, stored };
}

async function soon(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1);
}

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(1);
  FakeSocket.install();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("sending", () => {
  it("starts the visit, stores the message once and shows it in place of the pending one", async () => {
    const { calls } = shop();
    const one = client();
    await one.send("有货吗");
    expect(one.state.pending.map((item) => item.text)).toEqual(["有货吗"]);
    await soon();
    expect(one.state.pending).toEqual([]);
    expect(one.state.talk.messages.map((item) => item.text)).toEqual(["有货吗"]);
    const sent = calls.filter((call) => call.path.endsWith("/messages"));
    expect(sent[0]?.headers["Authorization"]).toBe("Bearer t1");
    expect(sent).toHaveLength(1);
  });

  it("repeats with the same key until an answer arrives, in order, and stores nothing twice", async () => {
    let lost = 0;
    const { calls, stored } = shop((call) => {
      // The first two tries reach nobody, the third is stored but its answer is lost.
      if (!call.path.endsWith("/messages") || lost >= 3) return null;
      lost += 1;
      if (lost === 3) stored.set(call.headers["Idempotency-Key"] as string, message({ id: 1, client_key: call.headers["Idempotency-Key"] as string, sender: "visitor", text: "一" }));
      return "down";
    });
    const one = client();
    await one.send("一");
    await one.send("二");
    await vi.advanceTimersByTimeAsync(20000);
    expect(one.state.talk.messages.map((item) => item.text)).toEqual(["一", "二"]);
    expect(one.state.pending).toEqual([]);
    expect(one.state.stalled).toBe(false);
    expect(new Set(calls.filter((call) => call.path.endsWith("/messages")).map((call) => call.headers["Idempotency-Key"])).size).toBe(2);
    expect(stored.size).toBe(2);
  });

  it("sends after a page load what the last page could not", async () => {
    serve(() => "down");
    const first = client();
    await first.send("还在吗");
    await soon();
    expect(first.state.phase).toBe("failed");
    const { stored } = shop();
    const next = client();
    expect(next.state.pending.map((item) => item.text)).toEqual(["还在吗"]);
    next.show(true);
    await soon();
    expect(Array.from(stored.values()).map((item) => item.text)).toEqual(["还在吗"]);
    expect(next.state.pending).toEqual([]);
  });

  it("waits as long as a busy server asks", async () => {
    let busy = true;
    const { calls } = shop((call) => (call.path.endsWith("/messages") && busy ? { status: 429, body: { code: "rate_limited" }, headers: { "Retry-After": "7" } } : null));
    const one = client();
    await one.send("x");
    await soon();
    busy = false;
    const tries = (): number => calls.filter((call) => call.path.endsWith("/messages")).length;
    await vi.advanceTimersByTimeAsync(6900);
    expect(tries()).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(tries()).toBe(2);
    expect(one.state.pending).toEqual([]);
  });

  it("shows why a message was refused, lets others pass, and tries it again when asked", async () => {
    let strict = true;
    shop((call) => (strict && (call.body as { text?: string })?.text === "长" ? { status: 422, body: { code: "too_long" } } : null));
    const one = client();
    await one.send("长");
    await one.send("短");
    await soon();
    expect(one.state.pending.map((item) => [item.text, item.failed])).toEqual([["长", "too_long"]]);
    expect(one.state.talk.messages.map((item) => item.text)).toEqual(["短"]);
    strict = false;
    one.retry(one.state.pending[0]!.key);
    await soon();
    expect(one.state.pending).toEqual([]);
  });

  it("begins anew with a token that the server no longer knows, and loses nothing", async () => {
    new Kept(config.key).set("token", "stale");
    const { calls, stored } = shop((call) => (call.headers["Authorization"] === "Bearer stale" ? { status: 401, body: { code: "visitor_unknown" } } : null));
    const one = client();
    await one.send("x");
    await soon();
    expect(stored.size).toBe(1);
    expect(new Kept(config.key).get("token")).toBe("t1");
    expect(calls[1]?.headers["Authorization"]).toBeUndefined();
  });
});

describe("the live line", () => {
  async function joined(hooks = {}): Promise<Client> {
    const one = client(hooks);
    one.show(true);
    await soon();
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "ready" });
    await soon();
    return one;
  }

  it("says who it is first, and draws the answer as it is written", async () => {
    shop();
    const one = await joined();
    expect(FakeSocket.last.sent[0]).toEqual({ type: "hello", token: "t1" });
    expect(one.state.line).toBe("online");
    FakeSocket.last.say({ type: "token", message_key: "a", text: "包" });
    FakeSocket.last.say({ type: "token", message_key: "a", text: "邮" });
    expect(one.state.talk.streams[0]?.text).toBe("包邮");
    FakeSocket.last.say({ type: "message", message: message({ id: 5, key: "a", text: "包邮。" }), talk });
    expect(one.state.talk.streams).toEqual([]);
    expect(one.state.talk.messages.map((item) => item.text)).toEqual(["包邮。"]);
  });

  it("comes back after a break and fetches what was said meanwhile", async () => {
    const { stored } = shop();
    const one = await joined();
    FakeSocket.last.cut(1012);
    expect(one.state.line).toBe("offline");
    stored.set("m", message({ id: 1, text: "在的" }));
    await vi.advanceTimersByTimeAsync(600);
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "ready" });
    await soon();
    expect(one.state.talk.messages.map((item) => item.text)).toEqual(["在的"]);
  });

  it("fetches a message that went past it", async () => {
    const { stored } = shop();
    const one = await joined();
    stored.set("a", message({ id: 1, text: "一" }));
    stored.set("b", message({ id: 2, text: "二" }));
    FakeSocket.last.say({ type: "message", message: message({ id: 2, text: "二" }), previous: 1 });
    await soon();
    expect(one.state.talk.messages.map((item) => item.text)).toEqual(["一", "二"]);
  });

  it("keeps an open page up to date where sockets never open", async () => {
    const { stored } = shop();
    const one = await joined();
    vi.stubGlobal("WebSocket", class { constructor() { throw new Error("blocked"); } });
    FakeSocket.last.cut(1006);
    stored.set("m", message({ id: 1, text: "在的" }));
    await vi.advanceTimersByTimeAsync(4000);
    expect(one.state.talk.messages.map((item) => item.text)).toEqual(["在的"]);
  });

  it("notices a dead line that never closed", async () => {
    shop();
    await joined();
    await vi.advanceTimersByTimeAsync(90000);
    expect(FakeSocket.all.length).toBeGreaterThan(1);
  });

  it("counts unread while closed, and not its own", async () => {
    shop();
    const unread: number[] = [];
    const one = await joined({ onUnread: (count: number) => unread.push(count) });
    one.show(false);
    const say = (values: Parameters<typeof message>[0]): void => FakeSocket.last.say({ type: "message", message: message(values) });
    say({ id: 1 });
    say({ id: 2, sender: "visitor" });
    say({ id: 3, sender: "member" });
    expect(one.state.unread).toBe(2);
    one.show(true);
    expect(one.state.unread).toBe(0);
    expect(unread[unread.length - 1]).toBe(0);
    one.show(false);
    say({ id: 4 });
    expect(one.state.unread).toBe(1);
  });
});

describe("verbs", () => {
  it("asks for a person after everything typed has gone out", async () => {
    const { calls } = shop((call) => (call.path.endsWith("/handover") ? { body: { message: message({ id: 9, sender: "visitor", text: "找人工" }), talk: { state: "queued", agent: "" } } } : null));
    const one = client();
    await one.send("我要投诉");
    one.askForPerson("找人工");
    one.askForPerson("找人工");
    expect(one.state.handoverAsked).toBe(true);
    await soon();
    expect(one.state.handoverAsked).toBe(false);
    const order = calls.map((call) => call.path.replace("/api/widget/v1", ""));
    expect(order.indexOf("/messages")).toBeLessThan(order.indexOf("/handover"));
    expect(one.state.talk.info.state).toBe("queued");
    expect(one.state.talk.messages.map((item) => item.text)).toEqual(["我要投诉", "找人工"]);
    expect(one.state.talk.notices).toEqual([{ after: 9, code: "queued", name: "" }]);
  });

  it("gives back the refused fields of a contact, and remembers one that was taken", async () => {
    let fields: Record<string, string> | null = { phone: "invalid" };
    shop((call) => (call.path.endsWith("/contact") ? (fields ? { status: 422, body: { code: "invalid", fields } } : { status: 201, body: { message: message({ id: 1, sender: "visitor" }), talk } }) : null));
    const one = client();
    await one.start();
    expect(await one.leaveContact({ name: "李", phone: "1", consent: "c" })).toEqual({ phone: "invalid" });
    expect(one.state.contactKnown).toBe(false);
    fields = null;
    expect(await one.leaveContact({ name: "李", phone: "13800138000", consent: "c" })).toEqual({});
    expect(one.state.contactKnown).toBe(true);
  });

  it("says that it cannot connect, and connects when the network is back", async () => {
    serve(() => "down");
    const one = client();
    one.show(true);
    await soon();
    expect(one.state.phase).toBe("failed");
    shop();
    one.wake();
    await soon();
    expect(one.state.phase).toBe("ready");
  });

  it("keeps the draft", () => {
    client().draft("写了一半");
    expect(client().draft()).toBe("写了一半");
  });
});
