// The widget's calls to its server, and errors that say whether trying again can help.
import type { MessagePage, Message, SharedFile, TalkInfo, Visit } from "./types";
import type { PageInfo } from "../../loader/src/protocol";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly retryAfter: number,
    readonly fields: Record<string, string> = {},
  ) {
    super(code);
  }

  /** No answer, an overloaded or a restarting server: the same request may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export interface Contact {
  name: string;
  phone: string;
  consent: string;
}

export interface Sent {
  message: Message;
  talk: TalkInfo;
}

const TIMEOUT_MS = 20000;

export class Api {
  token: string | null = null;

  constructor(
    private readonly base: string,
    private readonly key: string,
  ) {}

  visit(page: PageInfo, language: string): Promise<Visit> {
    return this.call<Visit>("POST", "/visits", { key: this.key, token: this.token, page, language });
  }

  conversation(params: { after?: number; before?: string }): Promise<MessagePage> {
    const query = params.before ? `?before=${encodeURIComponent(params.before)}` : `?after=${params.after ?? 0}`;
    return this.call<MessagePage>("GET", `/conversation${query}`);
  }

  send(message: { text: string; choice?: string; file?: string; page: PageInfo; language: string }, key: string): Promise<Sent> {
    return this.call<Sent>("POST", "/messages", message, { "Idempotency-Key": key });
  }

  upload(file: Blob, name: string, key: string): Promise<SharedFile> {
    const form = new FormData();
    form.append("file", file, name);
    return this.call<SharedFile>("POST", "/files", form, { "Idempotency-Key": key });
  }

  handover(text: string, key: string): Promise<Sent> {
    return this.call<Sent>("POST", "/handover", { text }, { "Idempotency-Key": key });
  }

  contact(contact: Contact, key: string): Promise<Sent> {
    return this.call<Sent>("POST", "/contact", contact, { "Idempotency-Key": key });
  }

  private async call<T>(method: string, path: string, body?: unknown, extra: Record<string, string> = {}): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json", ...extra };
    if (this.token) headers["Authorization"] = `Bearer ${this.token}`;
    let payload: BodyInit | null = null;
    if (body instanceof FormData) payload = body;
    else if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      payload = JSON.stringify(body);
    }
    const response = await within(fetch(this.base + path, { method, headers, body: payload, credentials: "omit" }));
    if (!response.ok) throw await problem(response);
    return (response.status === 204 ? null : await response.json()) as T;
  }
}

async function within(request: Promise<Response>): Promise<Response> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ApiError(0, "timeout", 0)), TIMEOUT_MS);
  });
  try {
    return await Promise.race([request, late]);
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(0, "offline", 0);
  } finally {
    clearTimeout(timer);
  }
}

async function problem(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  try {
    const body = (await response.json()) as { code?: string; fields?: Record<string, string> };
    return new ApiError(response.status, body.code || "unknown", retryAfter, body.fields || {});
  } catch {
    return new ApiError(response.status, "unknown", retryAfter);
  }
}
