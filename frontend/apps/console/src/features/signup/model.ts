/** What the base host's API speaks. */
import { ApiProblem, baseApi } from "@guanxi/api";

export interface Plan {
  code: string;
  name?: string;
  monthly_price?: string | number | null;
  currency?: string;
  seats?: number | null;
  trial_days?: number | null;
}

export interface SiteInfo {
  base_domain: string;
  plans: Plan[];
}

export interface SignUpInput {
  company: string;
  subdomain: string;
  name: string;
  email: string;
  phone: string;
  password: string;
  plan: string;
  locale: string;
}

export interface SignUpState {
  id?: string | number;
  state: "ready" | "preparing" | "failed";
  hand_over_url?: string | null;
}

export type SlugVerdict = { state: "idle" | "checking" | "free" } | { state: "refused"; code: string };

export const siteInfo = () => baseApi.get<SiteInfo>("/site");
export const signUp = (input: Partial<SignUpInput>, idempotencyKey: string) => baseApi.post<SignUpState>("/signups", input, { idempotencyKey });
export const signUpState = (id: string | number) => baseApi.get<SignUpState>(`/signups/${id}`);
export const findWorkspaces = (contact: string) => baseApi.post<void>("/workspaces/find", { email: contact });

const SLUG = /^[a-z][a-z0-9-]{1,30}[a-z0-9]$/;

/** The rules that need no server, so that most slips are told at once. */
export function slugSlip(slug: string): string {
  if (slug.length < 3) return "too_short";
  if (slug.length > 32) return "too_long";
  return SLUG.test(slug) && !slug.includes("--") ? "" : "slug_shape";
}

export async function slugVerdict(slug: string, signal: AbortSignal): Promise<SlugVerdict> {
  const slip = slugSlip(slug);
  if (slip) return { state: "refused", code: slip };
  try {
    const answer = await baseApi.get<{ available: boolean; reason?: string | null; code?: string | null }>(`/subdomains/${slug}`, { signal });
    return answer.available ? { state: "free" } : { state: "refused", code: answer.reason ?? answer.code ?? "taken" };
  } catch (error) {
    // The check is a courtesy; the sign-up itself decides.
    if (error instanceof ApiProblem && error.status === 422) return { state: "refused", code: "slug_shape" };
    return { state: "idle" };
  }
}

/** A first guess from the company's name, where it has Latin letters. */
export function suggestSlug(company: string): string {
  return company
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[-0-9]+|-+$/g, "")
    .slice(0, 32);
}
