/** An account as it is typed: an e-mail address, or a phone number in the ways people write it. */

export type Account = { email: string } | { phone: string };

export function accountOf(typed: string): Account {
  const clean = typed.trim();
  if (clean.includes("@")) return { email: clean.toLowerCase() };
  const digits = clean.normalize("NFKC").replaceAll(/[\s()-]/g, "");
  if (/^1\d{10}$/.test(digits)) return { phone: `+86${digits}` };
  if (/^(?:\+|00)\d{7,15}$/.test(digits)) return { phone: digits.replace(/^00/, "+") };
  return { email: clean.toLowerCase() };
}
