// What must outlive a page load: in the frame's own storage; where a browser blocks that, in the embedding page's; else in memory.

export type Mirror = (name: string, value: string | null) => void;

export class Kept {
  private readonly memory = new Map<string, string>();
  private mirror: Mirror | null = null;
  readonly durable: boolean;

  constructor(
    private readonly key: string,
    private readonly storage: Storage | null = ownStorage(),
  ) {
    this.durable = storage !== null;
  }

  /** The embedding page keeps only what has no other place: its own scripts can read it. */
  useMirror(mirror: Mirror, stored: Record<string, string>): void {
    if (this.durable) return;
    for (const name of Object.keys(stored)) if (!this.memory.has(name)) this.memory.set(name, String(stored[name]));
    this.mirror = mirror;
  }

  get(name: string): string | null {
    try {
      const value = this.storage?.getItem(this.path(name));
      if (value !== null && value !== undefined) return value;
    } catch {
      // Blocked since; the copy in memory follows.
    }
    return this.memory.get(name) ?? null;
  }

  set(name: string, value: string | null): void {
    if (value === null) this.memory.delete(name);
    else this.memory.set(name, value);
    try {
      if (value === null) this.storage?.removeItem(this.path(name));
      else this.storage?.setItem(this.path(name), value);
    } catch {
      // Full or blocked; the copy in memory serves until the page goes.
    }
    if (name === "token") this.mirror?.(name, value);
  }

  getJson<T>(name: string, empty: T): T {
    const text = this.get(name);
    if (text === null) return empty;
    try {
      return JSON.parse(text) as T;
    } catch {
      return empty;
    }
  }

  setJson(name: string, value: unknown): void {
    this.set(name, JSON.stringify(value));
  }

  private path(name: string): string {
    return `guanxi:${this.key}:${name}`;
  }
}

export function ownStorage(host: Window = window): Storage | null {
  try {
    const storage = host.localStorage;
    storage.setItem("guanxi:probe", "1");
    storage.removeItem("guanxi:probe");
    return storage;
  } catch {
    return null;
  }
}
