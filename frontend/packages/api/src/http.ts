/** The one way to the API: CSRF, idempotency, versions, and refusals as ApiProblem. */
import { ApiProblem, networkProblem, problemFrom } from "./problem";

export type QueryValue = string | number | boolean | null | undefined;
export type Query = Record<string, QueryValue | QueryValue[]>;

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  /** The row's version that the writer saw; sent as If-Match. */
  version?: number;
  /** One key for all attempts of one intent, so that a double click or a retry makes one record. */
  idempotencyKey?: string;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

export interface Api {
  get<T>(path: string, options?: RequestOptions): Promise<T>;
  post<T>(path: string, body?: unknown, options?: RequestOptions): Promise<T>;
  patch<T>(path: string, body: unknown, options?: RequestOptions): Promise<T>;
  put<T>(path: string, body: unknown, options?: RequestOptions): Promise<T>;
  delete<T>(path: string, options?: RequestOptions): Promise<T>;
}

type SignedOutListener = () => void;
let onSignedOut: SignedOutListener | null = null;

/** Called once a request finds that the session has ended. */
export function whenSignedOut(listener: SignedOutListener | null): void {
  onSignedOut = listener;
}

export function newIdempotencyKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  // Plain-HTTP hosts on a local network have no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function csrfToken(): string {
  const match = /(?:^|;\s*)gx_csrf=([^;]+)/.exec(document.cookie);
  return match?.[1] ? decodeURIComponent(match[1]) : "";
}

export function queryString(query: Query | undefined): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined && item !== "") params.append(name, String(item));
    }
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}

function headersFor(method: string, options: RequestOptions): Headers {
  const headers = new Headers({ Accept: "application/json", ...options.headers });
  if (options.body !== undefined && !(options.body instanceof FormData)) headers.set("Content-Type", "application/json");
  if (method !== "GET") headers.set("X-CSRFToken", csrfToken());
  if (method === "POST") headers.set("Idempotency-Key", options.idempotencyKey ?? newIdempotencyKey());
  if (options.version !== undefined) headers.set("If-Match", `"${options.version}"`);
  return headers;
}

function payload(body: unknown): BodyInit | undefined {
  if (body === undefined) return undefined;
  return body instanceof FormData ? body : JSON.stringify(body);
}

export async function send(method: string, url: string, options: RequestOptions = {}): Promise<Response> {
  try {
    return await fetch(url + queryString(options.query), {
      method,
      credentials: "same-origin",
      headers: headersFor(method, options),
      body: payload(options.body),
      signal: options.signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw networkProblem(error);
  }
}

async function request<T>(method: string, url: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(method, url, options);
  if (!response.ok) {
    const problem = await problemFrom(response);
    if (problem.signedOut) onSignedOut?.();
    throw problem;
  }
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  if (!text) return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiProblem({ code: "server_error", status: response.status, detail: "not JSON" });
  }
}

export function apiAt(prefix: string): Api {
  return {
    get: (path, options) => request("GET", prefix + path, options),
    post: (path, body, options) => request("POST", prefix + path, { ...options, body }),
    patch: (path, body, options) => request("PATCH", prefix + path, { ...options, body }),
    put: (path, body, options) => request("PUT", prefix + path, { ...options, body }),
    delete: (path, options) => request("DELETE", prefix + path, options),
  };
}

/** The workspace's own API, and the base host's for sign-up. */
export const api = apiAt("/api/v1");
export const baseApi = apiAt("/api/base/v1");
