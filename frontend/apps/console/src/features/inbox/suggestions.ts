/** What of the assistant's thinking is of use to a person who answers: its answer, else the nearest ones that it knows. */
import type { Preview } from "./model";

export interface Suggestion {
  key: string;
  text: string;
  source: string;
  generated: boolean;
}

const MOST = 2;

export function suggestionsOf(preview: Preview): Suggestion[] {
  const near = preview.candidates.filter((one) => one.answer && one.score >= preview.menu_from).map((one) => ({ key: one.ref, text: one.answer, source: one.question, generated: false }));
  if (preview.action !== "direct" && preview.action !== "generated") return near.slice(0, MOST);
  const own: Suggestion = { key: "answer", text: preview.text, source: preview.sources[0]?.title ?? "", generated: preview.generated };
  return [own, ...near.filter((one) => one.text !== own.text && one.source !== own.source)].slice(0, MOST);
}
