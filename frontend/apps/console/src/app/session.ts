/** Who is signed in, where, and what they may do. The only store of the console: all other data lives in vue-query. */
import { api, ApiProblem, auth } from "@guanxi/api";
import { setLocale, type Locale } from "@guanxi/i18n";
import { defineStore } from "pinia";
import { computed, ref } from "vue";

export interface SessionMember {
  id: number;
  name: string;
  email: string;
  phone: string;
  avatar_url?: string | null;
  title?: string;
  department?: { id: number; name: string } | null;
  roles: string[];
}

export interface SessionWorkspace {
  name: string;
  slug: string;
  state: string;
  base_url?: string;
  trial_ends_on?: string | null;
}

export interface Session {
  member: SessionMember;
  workspace: SessionWorkspace;
  permissions: string[];
  locale: string;
  timezone: string;
}

export const useSession = defineStore("session", () => {
  const session = ref<Session | null>(null);
  const asked = ref(false);

  const signedIn = computed(() => session.value !== null);
  const permissions = computed(() => new Set(session.value?.permissions ?? []));

  function may(permission: string | undefined): boolean {
    return !permission || permissions.value.has("*") || permissions.value.has(permission);
  }

  /** Asks the server; `null` when nobody is signed in. */
  async function load(): Promise<Session | null> {
    try {
      session.value = await api.get<Session>("/session");
      const locale = session.value.locale;
      if (locale === "zh-CN" || locale === "en") await setLocale(locale as Locale);
    } catch (error) {
      if (!(error instanceof ApiProblem) || !error.signedOut) throw error;
      session.value = null;
    } finally {
      asked.value = true;
    }
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

  return { session, signedIn, may, load, ready, forget, signOut };
});
