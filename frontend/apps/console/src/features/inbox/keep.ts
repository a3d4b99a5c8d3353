/** What was typed and not sent yet, by conversation: it outlives the page. */
const MAX_AGE = 14 * 86_400_000;

export interface Draft {
  text: string;
  note: string;
  at: number;
}

export interface Unsent {
  key: string;
  text: string;
  at: number;
}

function read<T>(name: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null") as T | null;
  } catch {
    return null;
  }
}

function write(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Without storage it lasts as long as the page.
  }
}

const draftName = (member: number, conversation: number) => `guanxi.talk.${member}.${conversation}`;
const unsentName = (member: number, conversation: number) => `guanxi.unsent.${member}.${conversation}`;

export function readDraft(member: number, conversation: number): Draft {
  const kept = read<Draft>(draftName(member, conversation));
  return kept && Date.now() - kept.at < MAX_AGE ? kept : { text: "", note: "", at: 0 };
}

export function keepDraft(member: number, conversation: number, draft: Omit<Draft, "at">): void {
  write(draftName(member, conversation), draft.text || draft.note ? { ...draft, at: Date.now() } : null);
}

export function readUnsent(member: number, conversation: number): Unsent[] {
  return (read<Unsent[]>(unsentName(member, conversation)) ?? []).filter((one) => Date.now() - one.at < MAX_AGE);
}

export function keepUnsent(member: number, conversation: number, unsent: readonly Unsent[]): void {
  write(unsentName(member, conversation), unsent.length ? unsent : null);
}
