/** Opens the live line for the workspace, and says when it has been down for more than a moment. */
import { LiveClient, provideLive } from "@guanxi/realtime";
import { useQueryClient } from "@tanstack/vue-query";
import { onBeforeUnmount, onMounted, ref, type Ref } from "vue";

const SAY_AFTER = 4000;

export function useLiveLine(): { down: Ref<boolean> } {
  const queries = useQueryClient();
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  const client = new LiveClient({ url: `${scheme}://${window.location.host}/ws/` });
  const down = ref(false);
  let timer = 0;
  let everLive = false;

  client.onState((state) => {
    if (state === "live") {
      window.clearTimeout(timer);
      timer = 0;
      down.value = false;
      everLive = true;
    } else if (state === "waiting" && everLive && !timer) {
      timer = window.setTimeout(() => (down.value = true), SAY_AFTER);
    }
  });
  // What cannot be replayed is asked anew: everything that is shown.
  client.onResync(() => void queries.invalidateQueries());

  provideLive(client);
  onMounted(() => client.start());
  onBeforeUnmount(() => {
    window.clearTimeout(timer);
    client.stop();
  });
  return { down };
}
