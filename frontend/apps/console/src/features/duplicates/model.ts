/** Duplicates as the API shows them. */
export type SubjectKind = "customer" | "contact" | "lead";
export type Sort = "phone" | "email" | "wechat" | "tax" | "name";
export type Entry = "manual" | "api" | "import" | "channel";
export type Action = "allow" | "warn" | "block";

export interface Match {
  kind: SubjectKind;
  record_id: number;
  score: number;
  sorts: Sort[];
  visible: boolean;
  title: string;
  owner: string;
  department: string;
  archived: boolean;
  protected_until: string | null;
}

export interface Checked {
  matches: Match[];
  action: Action;
  sorts: Sort[];
  joins: boolean;
  requests: boolean;
}

export interface Rule {
  kind: SubjectKind;
  entry: Entry;
  action: Action;
  sorts: Sort[];
  joins: boolean;
  requests: boolean;
  version: number;
}

export interface Side {
  kind: string;
  id: number;
  title: string;
  subtitle: string;
  owner: string;
  archived: boolean;
}

export interface Pair {
  id: number;
  one: Side;
  other: Side;
  sorts: Sort[];
  score: number;
  state: "open" | "ignored" | "merged";
  found_at: string;
}

export interface TransferRequest {
  id: number;
  record_kind: SubjectKind;
  record_id: number;
  by_id: number;
  asked_id: number | null;
  reason: string;
  state: "open" | "accepted" | "declined" | "withdrawn";
  answer: string;
  created_at: string;
  version: number;
  title: string;
  by: string;
  asked: string;
}

export const SORTS: readonly Sort[] = ["phone", "tax", "email", "wechat", "name"];
export const ENTRIES: readonly Entry[] = ["manual", "api", "channel", "import"];
export const ACTIONS: readonly Action[] = ["allow", "warn", "block"];
export const KINDS: readonly SubjectKind[] = ["customer", "contact", "lead"];

/** The header by which a person says: I have read it, enter it all the same. */
export const confirming = (confirmed: boolean): Record<string, string> => (confirmed ? { "X-Confirm": "duplicate" } : {});

/** Whether the rule would stop a record that met these. */
export const stops = (found: Checked): boolean => found.action !== "allow" && found.matches.some((match) => match.sorts.some((sort) => found.sorts.includes(sort)));
