/** What the base host's API speaks. */
import { ApiProblem, baseApi } from "@guanxi/api";

/** The price is for a seat and a month; null where none is asked. Null seats are as many as wanted. */
export interface Plan {
  code: string;
  trial_days: number;
  price: string | null;
  currency: string;
  seats: number | null;
}

export interface SiteInfo {
  base_domain: string;
  plans: Plan[];
}

export interface SignUpInput {
  key: string;
  company: string;
  slug: string;
  name: string;
  email: string;
  phone: string;
  password: string;
  plan: string;
  locale: string;
  timezone: string;
  accepts_terms: boolean;
}

export interface SignUpState {
  id: string;
  state: string;
  hand_over_url: string | null;
  waited_seconds: number;
}

export type SlugVerdict = { state: "idle" | "checking" | "free" } | { state: "refused"; code: string; suggestion: string };

interface SlugAnswer {
  slug: string;
  available: boolean;
  reason: string;
  suggestion: string;
}

export const siteInfo = () => baseApi.get<SiteInfo>("/site");
export const signUp = (input: SignUpInput, idempotencyKey: string) => baseApi.post<SignUpState>("/signups", input, { idempotencyKey });
export const signUpState = (id: string) => baseApi.get<SignUpState>(`/signups/${id}`);
export const findWorkspaces = (email: string, locale: string) => baseApi.post<void>("/find-workspace", { email, locale });

const askSlug = (text: string, signal?: AbortSignal) => baseApi.get<SlugAnswer>(`/subdomains/${encodeURIComponent(text)}`, { signal });

export async function slugVerdict(slug: string, signal: AbortSignal): Promise<SlugVerdict> {
  try {
    const answer = await askSlug(slug, signal);
    return answer.available ? { state: "free" } : { state: "refused", code: `slug_${answer.reason}`, suggestion: answer.suggestion };
  } catch (error) {
    // The check is a courtesy; the sign-up itself decides.
    if (error instanceof ApiProblem) return { state: "idle" };
    throw error;
  }
}

/** A free address near to the company's name, which may be Chinese. */
export async function suggestSlug(company: string): Promise<string> {
  try {
    const answer = await askSlug(company.replaceAll("/", " "));
    return answer.available ? answer.slug : answer.suggestion;
  } catch {
    return "";
  }
}

export function timezoneHere(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "Asia/Shanghai";
}
