// Says when the line is down, and what that means for what was typed.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { errorWord } from "../words";
import { useScene } from "./context";
import { Icon } from "./icons";

/** A short break mends itself before anybody needs to read about it. */
const QUIET_MS = 2500;

export function LineBar(): JSX.Element | null {
  const { client, state, words } = useScene();
  const down = state.phase === "ready" && (state.line !== "online" || state.stalled);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!down) {
      setShown(false);
      return undefined;
    }
    const timer = setTimeout(() => setShown(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, [down]);
  if (state.phase === "failed") {
    return (
      <div class="bar" role="alert">
        <Icon name="alert" size={16} />
        <span class="grow">{state.refusal === "offline" ? words.offline : words.startFailed}</span>
        <button type="button" class="link" onClick={() => void client.start()}>
          {words.startRetry}
        </button>
      </div>
    );
  }
  if (shown && down) {
    return (
      <div class="bar" role="status">
        <Icon name="offline" size={16} />
        <span class="grow">{navigator.onLine === false || state.stalled ? words.offline : words.connecting}</span>
      </div>
    );
  }
  if (state.refusal) {
    return (
      <div class="bar" role="alert">
        <Icon name="alert" size={16} />
        <span class="grow">{errorWord(words, state.refusal, client.config.max_file_bytes)}</span>
        <button type="button" class="quiet icon" aria-label={words.close} onClick={() => client.dismissRefusal()}>
          <Icon name="close" size={14} />
        </button>
      </div>
    );
  }
  return null;
}
