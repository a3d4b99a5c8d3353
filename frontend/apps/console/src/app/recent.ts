/** What was opened last, for the palette: names only, kept by this browser and this member. */
import { ref } from "vue";

export interface RecentRecord {
  kind: string;
  id: number;
  title: string;
}

const KEPT = 6;
const recent = ref<RecentRecord[]>([]);
let place = "";

function key(): string {
  return `guanxi.recent.${place}`;
}

/** Another member at the same browser must not see the former one's names. */
export function openRecent(member: number): void {
  place = String(member);
  try {
    recent.value = JSON.parse(localStorage.getItem(key()) ?? "[]") as RecentRecord[];
  } catch {
    recent.value = [];
  }
}

export function remember(record: RecentRecord): void {
  recent.value = [record, ...recent.value.filter((one) => one.kind !== record.kind || one.id !== record.id)].slice(0, KEPT);
  try {
    localStorage.setItem(key(), JSON.stringify(recent.value));
  } catch {
    // Then it lasts as long as the page.
  }
}

export function useRecent() {
  return recent;
}
