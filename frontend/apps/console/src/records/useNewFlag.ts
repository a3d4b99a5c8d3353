/** Opens the drawer for a new record when the address says `?new=1`, and takes the word out of the address again. */
import { ref, watch, type Ref } from "vue";
import { useRoute, useRouter } from "vue-router";

export function useNewFlag(): Ref<boolean> {
  const route = useRoute();
  const router = useRouter();
  const open = ref(false);
  watch(
    () => route.query.new,
    (asked) => {
      if (!asked) return;
      open.value = true;
      const { new: _asked, ...rest } = route.query;
      void router.replace({ query: rest });
    },
    { immediate: true },
  );
  return open;
}
