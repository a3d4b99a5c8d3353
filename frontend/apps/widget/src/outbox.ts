// Messages that the server has not confirmed yet. They outlive a page load, and go out in order, once each.
import type { Kept } from "./kept";

export interface Pending {
  /** The idempotency key: the same message sent twice is stored once. */
  key: string;
  text: string;
  choice?: string;
  /** This one asks for a person. */
  handover?: boolean;
  fileName?: string;
  fileRef?: string;
  at: string;
  failed?: string;
}

const KEEP = 50;

export class Outbox {
  private items: Pending[];
  /** Files cannot live in storage; a page load drops their bytes, and the bubble says so. */
  readonly files = new Map<string, Blob>();

  constructor(private readonly kept: Kept) {
    this.items = kept.getJson<Pending[]>("outbox", []).filter((item) => item && typeof item.key === "string" && typeof item.text === "string");
    for (const item of this.items) if (item.fileName && !item.fileRef) item.failed = "file_lost";
  }

  list(): Pending[] {
    return this.items.slice();
  }

  add(item: Pending): void {
    this.items.push(item);
    this.items = this.items.slice(-KEEP);
    this.save();
  }

  change(key: string, values: Partial<Pending>): void {
    this.items = this.items.map((item) => (item.key === key ? { ...item, ...values } : item));
    this.save();
  }

  remove(key: string): void {
    this.items = this.items.filter((item) => item.key !== key);
    this.files.delete(key);
    this.save();
  }

  /** The next to send: one that was refused for good does not hold up those behind it. */
  next(): Pending | null {
    return this.items.filter((item) => !item.failed)[0] ?? null;
  }

  private save(): void {
    this.kept.setJson("outbox", this.items);
  }
}

export function newKey(): string {
  const source = window.crypto as Crypto | undefined;
  if (source && typeof source.randomUUID === "function") return source.randomUUID();
  const bytes = source ? Array.from(source.getRandomValues(new Uint8Array(16))) : Array.from({ length: 16 }, () => Math.floor(Math.random() * 256));
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
