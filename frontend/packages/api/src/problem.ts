/** What went wrong, as the API says it (RFC 9457) or as the network left it. */

export type FieldProblems = Record<string, string>;

interface ProblemBody {
  code?: unknown;
  detail?: unknown;
  fields?: unknown;
  params?: unknown;
}

/** One refusal. `code` is stable and has its words in the catalog; `detail` is for developers only. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: FieldProblems;
  readonly params: Record<string, unknown>;
  readonly retryAfter: number | null;

  constructor(init: {
    code: string;
    status: number;
    detail?: string;
    fields?: FieldProblems;
    params?: Record<string, unknown>;
    retryAfter?: number | null;
  }) {
    super(init.detail || init.code);
    this.name = "ApiProblem";
    this.code = init.code;
    this.status = init.status;
    this.fields = init.fields ?? {};
    this.params = init.params ?? {};
    this.retryAfter = init.retryAfter ?? null;
  }

  /** Nobody answered: the write may be tried again with the same idempotency key. */
  get unreachable(): boolean {
    return this.status === 0;
  }

  /** Somebody else saved first. */
  get conflict(): boolean {
    return this.status === 412;
  }

  get signedOut(): boolean {
    return this.status === 401;
  }
}

const CODE_BY_STATUS: Record<number, string> = {
  400: "bad_request",
  401: "not_signed_in",
  403: "permission_denied",
  404: "not_found",
  409: "conflict",
  412: "version_conflict",
  413: "too_large",
  422: "invalid",
  429: "rate_limited",
};

export function networkProblem(cause: unknown): ApiProblem {
  return new ApiProblem({ code: "unreachable", status: 0, detail: String(cause) });
}

export async function problemFrom(response: Response): Promise<ApiProblem> {
  const body = await readBody(response);
  const fallback = CODE_BY_STATUS[response.status] ?? (response.status >= 500 ? "server_error" : "unknown");
  return new ApiProblem({
    code: typeof body.code === "string" && body.code ? body.code : fallback,
    status: response.status,
    detail: typeof body.detail === "string" ? body.detail : response.statusText,
    fields: fieldProblems(body.fields),
    params: isRecord(body.params) ? body.params : {},
    retryAfter: retryAfter(response),
  });
}

async function readBody(response: Response): Promise<ProblemBody> {
  const kind = response.headers.get("content-type") ?? "";
  if (!kind.includes("json")) return {};
  try {
    const body: unknown = await response.json();
    return isRecord(body) ? body : {};
  } catch {
    return {};
  }
}

/** The API names one code a field; a list of codes is read as its first. */
function fieldProblems(fields: unknown): FieldProblems {
  if (!isRecord(fields)) return {};
  const entries = Object.entries(fields).map(([name, value]) => [name, String(Array.isArray(value) ? value[0] : value)]);
  return Object.fromEntries(entries);
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after"));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
