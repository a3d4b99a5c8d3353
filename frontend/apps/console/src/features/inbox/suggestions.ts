/** What of the assistant's thinking is of use to a person who answers: its answer, else the answers that it would offer to choose from. */
import type { Preview } from "./model";

export interface Suggestion {
  key: string;
  text: string;
  source: string;
  generated: boolean;
}

const MOST = 2;
/** How much of the best one's score another must have; scores say only which is nearer, not how near. */
const NEAR = 0.6;

export function suggestionsOf(preview: Preview): Suggestion[] {
  const as = (one: Preview["candidates"][number]): Suggestion => ({ key: one.ref, text: one.answer, source: one.question, generated: false });
  const known = preview.candidates.filter((one) => one.answer);
  if (preview.action === "menu") {
    const offered = new Set(preview.items.map((item) => item.id));
    return known.filter((one) => offered.has(one.ref)).map(as).slice(0, MOST);
  }
  const best = known[0]?.score ?? 0;
  const near = known.filter((one) => best > 0 && one.score >= best * NEAR).map(as);
  if (preview.action !== "direct" && preview.action !== "generated") return preview.confidence >= preview.menu_from ? near.slice(0, MOST) : [];
  const own: Suggestion = { key: "answer", text: preview.text, source: preview.sources[0]?.title ?? "", generated: preview.generated };
  return [own, ...near.filter((one) => one.text !== own.text && one.source !== own.source)].slice(0, MOST);
}
