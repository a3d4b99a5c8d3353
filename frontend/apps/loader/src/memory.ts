// What the loader remembers on the page: in its storage where that is allowed, else until the page goes.

type Kind = "localStorage" | "sessionStorage";

export class Memory {
  private readonly fallback = new Map<string, string>();

  constructor(
    private readonly key: string,
    private readonly host: Window = window,
  ) {}

  get(name: string, kind: Kind = "localStorage"): string | null {
    try {
      return this.host[kind].getItem(this.path(name)) ?? this.fallback.get(name) ?? null;
    } catch {
      return this.fallback.get(name) ?? null;
    }
  }

  set(name: string, value: string | null, kind: Kind = "localStorage"): void {
    if (value === null) this.fallback.delete(name);
    else this.fallback.set(name, value);
    try {
      if (value === null) this.host[kind].removeItem(this.path(name));
      else this.host[kind].setItem(this.path(name), value);
    } catch {
      // Storage is blocked or full: the copy in memory serves this page.
    }
  }

  private path(name: string): string {
    return `guanxi:${this.key}:${name}`;
  }
}
