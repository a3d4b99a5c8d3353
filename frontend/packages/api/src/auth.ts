/** Sign-in and its surroundings: allauth headless, as a browser speaks to it. */
import { csrfToken, send } from "./http";
import { ApiProblem } from "./problem";

const MOUNT = "/_allauth/browser/v1";

export type FlowId =
  | "login"
  | "mfa_authenticate"
  | "mfa_reauthenticate"
  | "reauthenticate"
  | "verify_email"
  | "verify_phone"
  | "signup"
  | (string & {});

export interface Flow {
  id: FlowId;
  is_pending?: boolean;
  types?: string[];
}

export interface AuthUser {
  id: number | string;
  display?: string;
  email?: string;
  username?: string;
}

/** Where the browser stands: signed in, or which step is asked for next. */
export interface AuthState {
  signedIn: boolean;
  user: AuthUser | null;
  flows: Flow[];
  pending: FlowId | null;
}

export interface SignInSession {
  id: number;
  user_agent: string;
  ip: string;
  created_at: number;
  last_seen_at?: number;
  is_current: boolean;
}

export interface TotpSetup {
  active: boolean;
  secret: string;
  url: string;
  createdAt: number | null;
  lastUsedAt: number | null;
}

export interface EmailAddress {
  email: string;
  verified: boolean;
  primary: boolean;
}

export interface RecoveryCodes {
  total: number;
  unused: number;
  codes: string[];
}

interface Envelope {
  status: number;
  data?: Record<string, unknown> & { user?: AuthUser; flows?: Flow[] };
  meta?: Record<string, unknown>;
  errors?: { message: string; code: string; param?: string }[];
}

async function call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Envelope> {
  if (method !== "GET" && !csrfToken()) await send("GET", `${MOUNT}/config`);
  const response = await send(method, MOUNT + path, { body, headers });
  const text = await response.text();
  try {
    return { ...(JSON.parse(text) as Envelope), status: response.status };
  } catch {
    throw new ApiProblem({ code: response.status >= 500 ? "server_error" : "auth_unavailable", status: response.status });
  }
}

/** allauth answers 401 both for "signed out" and for "one more step": only an error list is a refusal. */
function refuse(envelope: Envelope): void {
  if (envelope.status < 400) return;
  const errors = envelope.errors ?? [];
  const fields = Object.fromEntries(errors.filter((e) => e.param).map((e) => [e.param as string, e.code]));
  const code = errors[0]?.code ?? { 403: "auth_forbidden", 409: "auth_conflict", 410: "auth_gone", 429: "rate_limited" }[envelope.status];
  throw new ApiProblem({ code: code ?? "auth_refused", status: envelope.status, detail: errors[0]?.message, fields });
}

function state(envelope: Envelope): AuthState {
  const flows = envelope.data?.flows ?? [];
  return {
    signedIn: envelope.status === 200 && Boolean(envelope.data?.user),
    user: envelope.data?.user ?? null,
    flows,
    pending: flows.find((flow) => flow.is_pending)?.id ?? null,
  };
}

async function step(method: string, path: string, body?: unknown): Promise<AuthState> {
  const envelope = await call(method, path, body);
  if (envelope.status !== 401 || envelope.errors?.length) refuse(envelope);
  return state(envelope);
}

async function plain(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Envelope> {
  const envelope = await call(method, path, body, headers);
  if (envelope.status === 401 && !envelope.errors?.length) {
    const again = state(envelope).flows.some((flow) => flow.id.endsWith("reauthenticate"));
    throw new ApiProblem({ code: again ? "reauthentication_required" : "not_signed_in", status: 401 });
  }
  refuse(envelope);
  return envelope;
}

function totp(envelope: Envelope): TotpSetup {
  const data = envelope.data ?? {};
  return {
    active: envelope.status === 200,
    secret: String(envelope.meta?.secret ?? ""),
    url: String(envelope.meta?.totp_url ?? ""),
    createdAt: typeof data.created_at === "number" ? data.created_at : null,
    lastUsedAt: typeof data.last_used_at === "number" ? data.last_used_at : null,
  };
}

function recovery(envelope: Envelope): RecoveryCodes {
  const data = envelope.data ?? {};
  return {
    total: Number(data.total_code_count ?? 0),
    unused: Number(data.unused_code_count ?? 0),
    codes: Array.isArray(data.unused_codes) ? data.unused_codes.map(String) : [],
  };
}

export const auth = {
  session: () => step("GET", "/auth/session"),
  signIn: (input: { email?: string; phone?: string; password: string }) => step("POST", "/auth/login", input),
  signOut: () => step("DELETE", "/auth/session"),
  authenticateTotp: (code: string) => step("POST", "/auth/2fa/authenticate", { code }),
  reauthenticate: (password: string) => step("POST", "/auth/reauthenticate", { password }),
  reauthenticateTotp: (code: string) => step("POST", "/auth/2fa/reauthenticate", { code }),

  async requestPasswordReset(email: string): Promise<void> {
    const envelope = await call("POST", "/auth/password/request", { email });
    if (envelope.status !== 401) refuse(envelope);
  },
  /** Does the link still hold, before anybody types a password. */
  async checkPasswordReset(key: string): Promise<void> {
    await plain("GET", "/auth/password/reset", undefined, { "X-Password-Reset-Key": key });
  },
  resetPassword: (key: string, password: string) => step("POST", "/auth/password/reset", { key, password }),
  async changePassword(current: string, password: string): Promise<void> {
    await plain("POST", "/account/password/change", { current_password: current, new_password: password });
  },

  async emails(): Promise<EmailAddress[]> {
    return ((await plain("GET", "/account/email")).data ?? []) as unknown as EmailAddress[];
  },
  async emailOfKey(key: string): Promise<string> {
    const envelope = await plain("GET", "/auth/email/verify", undefined, { "X-Email-Verification-Key": key });
    return String(envelope.data?.email ?? "");
  },
  verifyEmail: (key: string) => step("POST", "/auth/email/verify", { key }),
  /** `false` when a mail went out so recently that no other is sent. */
  async resendVerification(email: string): Promise<boolean> {
    const envelope = await call("PUT", "/account/email", { email });
    if (envelope.status === 403) return false;
    refuse(envelope);
    return true;
  },

  /** Is a second factor on? Asked of the list, which answers without a refusal either way. */
  async hasTotp(): Promise<boolean> {
    const found = ((await plain("GET", "/account/authenticators")).data ?? []) as unknown as { type: string }[];
    return found.some((one) => one.type === "totp");
  },
  /** The secret to set a second factor up with. */
  async totp(): Promise<TotpSetup> {
    const envelope = await call("GET", "/account/authenticators/totp");
    if (envelope.status !== 404) {
      if (envelope.status === 401) throw new ApiProblem({ code: "reauthentication_required", status: 401 });
      refuse(envelope);
    }
    return totp(envelope);
  },
  async activateTotp(code: string): Promise<TotpSetup> {
    return totp(await plain("POST", "/account/authenticators/totp", { code }));
  },
  async deactivateTotp(): Promise<void> {
    await plain("DELETE", "/account/authenticators/totp");
  },
  async recoveryCodes(): Promise<RecoveryCodes> {
    const envelope = await call("GET", "/account/authenticators/recovery-codes");
    if (envelope.status === 404) return { total: 0, unused: 0, codes: [] };
    if (envelope.status === 401) throw new ApiProblem({ code: "reauthentication_required", status: 401 });
    refuse(envelope);
    return recovery(envelope);
  },
  async renewRecoveryCodes(): Promise<RecoveryCodes> {
    return recovery(await plain("POST", "/account/authenticators/recovery-codes"));
  },

  async sessions(): Promise<SignInSession[]> {
    return ((await plain("GET", "/auth/sessions")).data ?? []) as unknown as SignInSession[];
  },
  async endSessions(ids: number[]): Promise<void> {
    const envelope = await call("DELETE", "/auth/sessions", { sessions: ids });
    if (envelope.status !== 401) refuse(envelope);
  },
};
