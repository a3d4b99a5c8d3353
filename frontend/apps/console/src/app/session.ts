/** Who is signed in, where, and what they may do. The only store of the console: all other data lives in vue-query. */
import { api, auth } from "@guanxi/api";
import { setLocale, type Locale } from "@guanxi/i18n";
import { defineStore } from "pinia";
import { computed, ref } from "vue";

export interface SessionMember {
  id: number;
  name: string;
  email: string;
  phone: string;
  title: string;
  locale: string;
  timezone: string;
  theme: string;
  settings: Record<string, unknown>;
  department: { id: number; name: string } | null;
  roles: string[];
}

export interface SessionWorkspace {
  name: string;
  slug: string;
  locale: string;
  timezone: string;
  currency: string;
  plan_code: string;
  state: string;
  url: string;
}

export interface Session {
  workspace: SessionWorkspace;
  member: SessionMember;
  permissions: string[];
  features: string[] | null;
  unread_notifications: number;
}

type SessionAnswer = Omit<Session, "member"> & { signed_in: boolean; member: SessionMember | null };

export const useSession = defineStore("session", () => {
  const session = ref<Session | null>(null);
  const workspace = ref<SessionWorkspace | null>(null);
  const asked = ref(false);

  const signedIn = computed(() => session.value !== null);
  const permissions = computed(() => new Set(session.value?.permissions ?? []));

  function may(permission: string | undefined): boolean {
    return !permission || permissions.value.has(permission);
  }

  /** Asks the server; `null` when nobody is signed in. */
  async function load(): Promise<Session | null> {
    const answer = await api.get<SessionAnswer>("/session");
    workspace.value = answer.workspace;
    session.value = answer.signed_in && answer.member ? { ...answer, member: answer.member } : null;
    asked.value = true;
    const locale = session.value?.member.locale;
    if (locale === "zh-CN" || locale === "en") await setLocale(locale as Locale);
    return session.value;
  }

  async function ready(): Promise<Session | null> {
    return asked.value ? session.value : load();
  }

  function forget(): void {
    session.value = null;
    asked.value = true;
  }

  async function signOut(): Promise<void> {
    await auth.signOut();
    forget();
  }

  /** Keeps a setting of one's own on the server, so that it follows to the next machine. */
  async function saveProfile(changes: Record<string, unknown>): Promise<void> {
    const member = await api.patch<SessionMember>("/session/profile", changes);
    if (session.value) session.value = { ...session.value, member };
  }

  return { session, workspace, saveProfile, signedIn, may, load, ready, forget, signOut };
});
