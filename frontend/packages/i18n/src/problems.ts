/** The words for a refusal: by its code, else by its kind; never the developer's detail. */
import type { Translate } from "./index";

interface Refusal {
  code: string;
  status: number;
  params?: Record<string, unknown>;
}

type Exists = (key: string) => boolean;

function family(status: number): string {
  if (status === 0) return "unreachable";
  if (status >= 500) return "server_error";
  if (status === 403) return "permission_denied";
  if (status === 404) return "not_found";
  if (status === 409) return "conflict";
  if (status === 412) return "version_conflict";
  if (status === 429) return "rate_limited";
  return "invalid";
}

/** Codes are dotted in the API (`lead.already_converted`); a catalog key has no dots inside. */
export function codeKey(code: string): string {
  return code.replaceAll(".", "_").replaceAll("-", "_");
}

export function problemWords(t: Translate, te: Exists, refusal: Refusal): string {
  const key = `errors.${codeKey(refusal.code)}`;
  return te(key) ? t(key, refusal.params) : t(`errors.${family(refusal.status)}`, refusal.params);
}

export function fieldWords(t: Translate, te: Exists, code: string, params?: Record<string, unknown>): string {
  const key = `errors.fields.${codeKey(code)}`;
  if (te(key)) return t(key, params);
  const whole = `errors.${codeKey(code)}`;
  return te(whole) ? t(whole, params) : t("errors.fields.invalid");
}
