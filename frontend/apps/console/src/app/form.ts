/** A form: its values, what the server refused, one idempotency key for all its attempts, and a draft that survives the page. */
import { ApiProblem, newIdempotencyKey } from "@guanxi/api";
import { fieldWords, useI18n } from "@guanxi/i18n";
import { computed, reactive, ref, watch, type ComputedRef, type Ref } from "vue";

export interface FormOptions<V extends object, R> {
  values: V;
  send: (values: V, key: string) => Promise<R>;
  done?: (result: R) => void | Promise<void>;
  /** Codes by field, before anything is sent. */
  check?: (values: V) => Partial<Record<keyof V & string, string>>;
  /** Name under which what was typed is kept until it was sent. */
  draft?: string;
  /** Fields that are never kept. */
  secret?: readonly (keyof V & string)[];
}

export interface Form<V extends object> {
  values: V;
  busy: Ref<boolean>;
  problem: Ref<ApiProblem | null>;
  errors: ComputedRef<Partial<Record<string, string>>>;
  submit: () => Promise<void>;
  /** The server's or the check's words for one field, gone once it is edited. */
  reset: (values?: Partial<V>) => void;
  clearDraft: () => void;
}

function readDraft<V extends object>(name: string | undefined): Partial<V> {
  if (!name) return {};
  try {
    return JSON.parse(sessionStorage.getItem(`guanxi.draft.${name}`) ?? "{}") as Partial<V>;
  } catch {
    return {};
  }
}

function writeDraft(name: string, values: object, secret: readonly string[]): void {
  const kept = Object.fromEntries(Object.entries(values).filter(([field]) => !secret.includes(field)));
  try {
    sessionStorage.setItem(`guanxi.draft.${name}`, JSON.stringify(kept));
  } catch {
    // Without storage the values live as long as the page.
  }
}

export function useForm<V extends object, R = unknown>(options: FormOptions<V, R>): Form<V> {
  const { t, te } = useI18n();
  const initial = { ...options.values };
  const values = reactive({ ...options.values, ...readDraft<V>(options.draft) }) as V;
  const busy = ref(false);
  const problem = ref<ApiProblem | null>(null) as Ref<ApiProblem | null>;
  const codes = ref<Record<string, string>>({});
  let key = newIdempotencyKey();

  for (const field of Object.keys(options.values)) {
    watch(
      () => (values as Record<string, unknown>)[field],
      () => {
        // The workspace's own fields are refused one by one, as `custom.<key>`.
        codes.value = Object.fromEntries(Object.entries(codes.value).filter(([name]) => name !== field && !name.startsWith(`${field}.`)));
      },
    );
  }
  watch(values, () => {
    // Other values are another intent: the server must not answer with the former one's result.
    key = newIdempotencyKey();
    if (options.draft) writeDraft(options.draft, values, options.secret ?? []);
  });

  function clearDraft(): void {
    if (options.draft) sessionStorage.removeItem(`guanxi.draft.${options.draft}`);
  }

  async function submit(): Promise<void> {
    if (busy.value) return;
    problem.value = null;
    codes.value = Object.fromEntries(Object.entries(options.check?.(values) ?? {}).filter(([, code]) => code)) as Record<string, string>;
    if (Object.keys(codes.value).length) return;
    busy.value = true;
    try {
      const result = await options.send(values, key);
      clearDraft();
      await options.done?.(result);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      codes.value = Object.fromEntries(Object.entries(error.fields).filter(([field]) => (field.split(".")[0] as string) in values));
      if (!Object.keys(codes.value).length) problem.value = error;
    } finally {
      busy.value = false;
    }
  }

  return {
    values,
    busy,
    problem,
    errors: computed(() =>
      Object.fromEntries(Object.entries(codes.value).map(([field, code]) => [field, fieldWords(t as never, te, code)])),
    ),
    submit,
    reset: (next) => {
      Object.assign(values, initial, next);
      codes.value = {};
      problem.value = null;
      clearDraft();
    },
    clearDraft,
  };
}
