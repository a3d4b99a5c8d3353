// The messages between the page that embeds the chat and the frame that holds it. Both sides import this file.

/** Marks our messages among those of every other script on the page. */
export const MARK = "guanxi";
export const PROTOCOL = 1;

export interface PageInfo {
  url: string;
  title: string;
  referrer: string;
}

export type ToFrame =
  | {
      type: "init";
      lang: string;
      theme: "light" | "dark" | "auto";
      page: PageInfo;
      open: boolean;
      fullscreen: boolean;
      /** What the page kept for a frame whose own storage is blocked. */
      stored: Record<string, string>;
    }
  | { type: "page"; page: PageInfo }
  | { type: "shown"; open: boolean; fullscreen: boolean };

export type FromFrame =
  | { type: "ready" }
  | { type: "close" }
  | { type: "unread"; count: number; preview: string }
  | { type: "engaged" }
  | { type: "appearance"; color: string; name: string; side: "left" | "right" }
  | { type: "store"; key: string; value: string | null };

export type Envelope<T> = T & { [MARK]: number };

export function seal<T extends object>(message: T): Envelope<T> {
  return Object.assign({ [MARK]: PROTOCOL }, message) as Envelope<T>;
}

/** The message inside, or null where it is not one of ours. */
export function unseal<T extends { type: string }>(data: unknown): T | null {
  if (typeof data !== "object" || data === null) return null;
  const envelope = data as Record<string, unknown>;
  return envelope[MARK] === PROTOCOL && typeof envelope["type"] === "string" ? (data as T) : null;
}
