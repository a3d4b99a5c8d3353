/** The assistant's settings, as the API shows them. */
export interface AssistantSettings {
  enabled: boolean;
  name: string;
  tone: "friendly" | "formal" | "concise";
  caution: "eager" | "balanced" | "careful";
  sentences: Record<string, Record<string, string>>;
  capture_leads: boolean;
  max_asks: number;
  hand_over_buyers: boolean;
  model_enabled: boolean;
  model_base_url: string;
  model_name: string;
  model_key_set: boolean;
  model_temperature: number;
  model_timeout_seconds: number;
  default_sentences: Record<string, Record<string, string>>;
  vectors_ready: boolean;
  embeddings: boolean;
  version: number;
}

export type Patch = (changes: Partial<AssistantSettings> & { model_key?: string }) => Promise<boolean>;

/** In the order in which a customer meets them; the words for each are under its short name. */
export const SENTENCES = [
  { key: "greeting", name: "greeting" },
  { key: "refusal", name: "refusal" },
  { key: "handover.default", name: "handover" },
  { key: "ask.contact", name: "contact" },
  { key: "ask.consent", name: "consent" },
] as const;

/** What is kept: only what differs from the usual words. */
export function ownSentences(typed: Record<string, Record<string, string>>): Record<string, Record<string, string>> {
  const kept: Record<string, Record<string, string>> = {};
  for (const [key, byLanguage] of Object.entries(typed)) {
    const texts = Object.fromEntries(Object.entries(byLanguage).filter(([, text]) => text.trim()));
    if (Object.keys(texts).length) kept[key] = texts;
  }
  return kept;
}
