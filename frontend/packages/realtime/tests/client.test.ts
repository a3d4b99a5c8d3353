/** The live line against a real socket server: what is missed comes again, once and in order. */
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket as NodeSocket, WebSocketServer, type WebSocket as ServerSocket } from "ws";

import { LiveClient, type LiveEvent, type LiveState } from "../src/client";

interface Hello {
  type: string;
  last_seq: number | null;
}

/** Plays the server: numbers events, keeps them, and replays from where a page left off. */
class FakeServer {
  readonly hellos: Hello[] = [];
  pings = 0;
  deaf = false;
  readonly log: { seq: number; kind: string }[] = [];
  readonly sockets = new Set<ServerSocket>();
  seq = 0;
  private readonly server: WebSocketServer;

  constructor() {
    this.server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("message", (data) => this.answer(socket, JSON.parse(String(data)) as Hello));
    });
  }

  listening(): Promise<void> {
    return new Promise((resolve) => (this.server.address() ? resolve() : this.server.once("listening", () => resolve())));
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/ws/`;
  }

  private answer(socket: ServerSocket, frame: Hello): void {
    if (this.deaf) return;
    if (frame.type === "ping") {
      this.pings += 1;
      this.say(socket, { type: "pong" });
    }
    if (frame.type !== "hello") return;
    this.hellos.push(frame);
    for (const event of this.log) if (frame.last_seq !== null && event.seq > frame.last_seq) this.say(socket, { type: "event", record: null, data: {}, at: "", ...event });
    this.say(socket, { type: "ready", seq: this.seq });
  }

  say(socket: ServerSocket, frame: object): void {
    socket.send(JSON.stringify(frame));
  }

  /** `heard: false` is an event that was recorded while the line was bad. */
  emit(kind: string, { heard = true }: { heard?: boolean } = {}): void {
    this.seq += 1;
    this.log.push({ seq: this.seq, kind });
    if (!heard) return;
    for (const socket of this.sockets) this.say(socket, { type: "event", seq: this.seq, kind, record: ["lead", 7], data: {}, at: "" });
  }

  cut(code?: number): void {
    for (const socket of this.sockets) {
      if (code) socket.close(code);
      else socket.terminate();
    }
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

async function until(condition: () => boolean, within = 10_000): Promise<void> {
  const end = Date.now() + within;
  while (!condition()) {
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("the live line", () => {
  let server: FakeServer;
  let client: LiveClient;
  let heard: LiveEvent[];
  let states: LiveState[];

  beforeEach(async () => {
    server = new FakeServer();
    await server.listening();
    heard = [];
    states = [];
    client = new LiveClient({ url: server.url, quickest: 10, random: () => 0.5, socket: (url) => new NodeSocket(url) as unknown as WebSocket });
    client.onEvent((event) => heard.push(event));
    client.onState((state) => states.push(state));
  });

  afterEach(async () => {
    client.stop();
    await server.close();
  });

  const kinds = () => heard.map((event) => event.kind);
  const live = () => until(() => client.state === "live");

  it("begins without asking for the past", async () => {
    server.emit("lead.created");
    client.start();
    await live();
    expect(server.hellos).toEqual([{ type: "hello", last_seq: null }]);
    expect(client.lastSeq).toBe(1);
    expect(heard).toEqual([]);
  });

  it("gets what it missed after a cut, once and in order", async () => {
    client.start();
    await live();
    server.emit("lead.created");
    await until(() => heard.length === 1);
    server.cut();
    server.emit("lead.assigned", { heard: false });
    server.emit("deal.created", { heard: false });
    await until(() => heard.length === 3);
    expect(kinds()).toEqual(["lead.created", "lead.assigned", "deal.created"]);
    expect(server.hellos.at(-1)?.last_seq).toBe(1);
    expect(states).toContain("waiting");
  });

  it("drops an event that comes twice", async () => {
    client.start();
    await live();
    server.emit("lead.created");
    const [socket] = server.sockets;
    server.say(socket as ServerSocket, { type: "event", seq: 1, kind: "lead.created", data: {} });
    server.emit("lead.updated");
    await until(() => heard.length === 2);
    expect(kinds()).toEqual(["lead.created", "lead.updated"]);
  });

  it("sees a gap and comes again from the last number", async () => {
    client.start();
    await live();
    server.emit("lead.created");
    await until(() => heard.length === 1);
    server.emit("lead.assigned", { heard: false });
    server.emit("lead.updated");
    await until(() => heard.length === 3);
    expect(kinds()).toEqual(["lead.created", "lead.assigned", "lead.updated"]);
    expect(server.hellos.at(-1)?.last_seq).toBe(1);
  });

  it("tells when too much was missed, and goes on from there", async () => {
    const told: number[] = [];
    client.onResync((seq) => told.push(seq));
    client.start();
    await live();
    const [socket] = server.sockets;
    server.say(socket as ServerSocket, { type: "resync", seq: 90 });
    await until(() => told.length === 1);
    expect(client.lastSeq).toBe(90);
  });

  it("passes over numbers of what it may not see", async () => {
    client.start();
    await live();
    server.seq = 4;
    const [socket] = server.sockets;
    server.say(socket as ServerSocket, { type: "seq", seq: 4 });
    server.emit("lead.created");
    await until(() => heard.length === 1);
    expect(client.lastSeq).toBe(5);
    expect(server.hellos).toHaveLength(1);
  });

  it("hears what is said once", async () => {
    const tokens: unknown[] = [];
    client.onTransient((transient) => tokens.push([transient.channel, transient.payload.text]));
    client.start();
    await live();
    const [socket] = server.sockets;
    server.say(socket as ServerSocket, { type: "transient", channel: "conversation:7", payload: { text: "a" } });
    await until(() => tokens.length === 1);
    expect(tokens).toEqual([["conversation:7", "a"]]);
  });

  it("makes a line anew that died without a word", async () => {
    client.stop();
    client = new LiveClient({ url: server.url, quickest: 10, beat: 20, socket: (url) => new NodeSocket(url) as unknown as WebSocket });
    client.start();
    await live();
    await until(() => server.pings > 1);
    expect(server.hellos).toHaveLength(1);
    server.deaf = true;
    await until(() => client.state === "connecting");
    server.deaf = false;
    await until(() => server.hellos.length >= 2);
  });

  it("waits longer after each failure, and never beyond the slowest", async () => {
    const waits: number[] = [];
    const original = globalThis.setTimeout;
    globalThis.setTimeout = ((run: () => void, wait?: number) => {
      waits.push(wait ?? 0);
      return original(run, 0);
    }) as typeof setTimeout;
    const lost = new LiveClient({
      url: "ws://127.0.0.1:9",
      quickest: 100,
      slowest: 400,
      random: () => 1,
      socket: () => {
        throw new Error("refused");
      },
    });
    try {
      lost.start();
      while (waits.length < 5) await new Promise((resolve) => original(resolve, 1));
    } finally {
      lost.stop();
      globalThis.setTimeout = original;
    }
    expect(waits.slice(0, 5)).toEqual([100, 200, 400, 400, 400]);
  });

  it("does not knock again where it is not let in", async () => {
    client.start();
    await live();
    server.cut(4401);
    await until(() => client.state === "stopped");
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(server.hellos).toHaveLength(1);
  });

  it("is not confused by what it does not know", async () => {
    client.start();
    await live();
    const [socket] = server.sockets;
    (socket as ServerSocket).send("not json");
    server.say(socket as ServerSocket, { type: "later", seq: 500 });
    server.emit("lead.created");
    await until(() => heard.length === 1);
    expect(client.lastSeq).toBe(1);
  });
});
