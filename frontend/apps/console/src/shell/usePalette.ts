/** What the palette offers: commands of all features, and one search over every record. */
import { api } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import type { PaletteGroup, PaletteItem } from "@guanxi/ui";
import { computed, onBeforeUnmount, onMounted, ref, type ComputedRef, type Ref } from "vue";

import { typingIn } from "@guanxi/ui";

import { commands } from "../app/feature";
import { kindIcon, kindInfo, recordRoute } from "../app/kinds";
import { useRecent } from "../app/recent";
import { useSession } from "../app/session";

interface SearchHit {
  kind: string;
  id: number;
  title: string;
  subtitle: string;
  archived: boolean;
}

export interface Palette {
  open: Ref<boolean>;
  commands: ComputedRef<PaletteItem[]>;
  recent: ComputedRef<PaletteItem[]>;
  find: (text: string, signal: AbortSignal) => Promise<PaletteGroup[]>;
}

export function usePalette(): Palette {
  const { t } = useI18n();
  const session = useSession();
  const recent = useRecent();
  const open = ref(false);

  function itemOf(hit: Pick<SearchHit, "kind" | "id" | "title"> & { subtitle?: string }): PaletteItem {
    return { id: `${hit.kind}:${hit.id}`, label: hit.title, note: hit.subtitle, icon: kindIcon(hit.kind), to: recordRoute(hit.kind, hit.id) ?? undefined };
  }

  async function find(text: string, signal: AbortSignal): Promise<PaletteGroup[]> {
    const hits = await api.get<SearchHit[]>("/search", { query: { q: text }, signal });
    const groups = new Map<string, PaletteGroup>();
    for (const hit of hits) {
      if (!recordRoute(hit.kind, hit.id)) continue;
      const group = groups.get(hit.kind) ?? { id: hit.kind, label: t(kindInfo(hit.kind)?.label ?? ""), items: [] };
      group.items.push(itemOf(hit));
      groups.set(hit.kind, group);
    }
    return [...groups.values()];
  }

  function listen(event: KeyboardEvent): void {
    const withK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !typingIn(event.target);
    if (!withK && !slash) return;
    event.preventDefault();
    open.value = withK ? !open.value : true;
  }
  onMounted(() => window.addEventListener("keydown", listen));
  onBeforeUnmount(() => window.removeEventListener("keydown", listen));

  return {
    open,
    find,
    recent: computed(() => recent.value.map(itemOf)),
    commands: computed(() =>
      commands()
        .filter((command) => session.may(command.permission))
        .map((command) => ({ id: command.id, label: t(command.label), icon: command.icon, to: command.to, run: command.run, keys: command.keys, words: command.id })),
    ),
  };
}
