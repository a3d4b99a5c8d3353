/** The dossier as Markdown, to keep or to pass on. */
import type { Translate } from "@guanxi/i18n";

import type { Dossier, Line } from "./model";

/** What a line break, or a mark of Markdown at its beginning, would make of a list. */
const plain = (text: string | null | undefined): string => (text ?? "").replace(/\s+/g, " ").replace(/([\\`*_[\]<>#|])/g, "\\$1").trim();
const day = (moment: string): string => moment.slice(0, 10);

export function asMarkdown(sheet: Dossier, t: Translate, fields: readonly { name: string; value: string }[], role: (code: string) => string, did: (kind: string) => string): string {
  const part = (title: string, rows: string[]): string => `## ${title}\n\n${rows.length ? rows.map((row) => `- ${row}`).join("\n") : t("handover.dossier.none")}\n`;
  const line = (one: Line): string => [day(one.at), did(one.kind), plain(one.subject), plain(one.body), one.member_name].filter(Boolean).join(" · ");
  return [
    `# ${plain(sheet.customer.name)}\n`,
    `${t("handover.dossier.from", { from: sheet.from_name, to: sheet.to_name })}\n`,
    `${fields.map((one) => `- ${one.name}: ${plain(one.value)}`).join("\n")}\n`,
    part(t("handover.dossier.notes"), sheet.notes.map((one) => `${day(one.at)} · ${plain(one.body || one.subject)}`)),
    part(t("handover.dossier.deals"), sheet.deals.map((one) => [plain(one.name), one.stage, one.amount && `${one.amount} ${one.currency ?? ""}`, one.expected_close_on].filter(Boolean).join(" · "))),
    part(t("handover.dossier.contacts"), sheet.contacts.map((one) => [plain(one.name), plain(one.title), role(one.role), one.phone, plain(one.wechat), plain(one.email)].filter(Boolean).join(" · "))),
    part(t("handover.dossier.tasks"), sheet.tasks.map((one) => `${day(one.due_at)} · ${plain(one.title)}`)),
    part(t("handover.dossier.activities"), sheet.activities.map(line)),
  ].join("\n");
}
