// What is on its way: an answer that is being written, somebody who types, an own message that has not arrived yet.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Pending } from "../outbox";
import { errorWord } from "../words";
import { Rich } from "./Bubble";
import { useScene } from "./context";
import { Icon } from "./icons";

export function StreamBubble(props: { text: string }): JSX.Element {
  const { words } = useScene();
  // Read aloud once it is whole, not token by token.
  return (
    <article class="row row-them streaming" aria-busy="true" aria-live="off">
      <p class="who">
        <b>{words.assistant}</b>
        <span>{words.writing}</span>
      </p>
      <div class="bubble">
        <Rich text={props.text} />
        <i class="caret" aria-hidden="true" />
      </div>
      <div class="foot">
        <span class="tag" title={words.generatedHelp}>
          {words.generated}
        </span>
      </div>
    </article>
  );
}

export function TypingBubble(props: { who: "assistant" | "member"; name: string }): JSX.Element {
  const { words } = useScene();
  return (
    <div class="row row-them typing" role="status">
      <div class="bubble dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      <span class="typing-text">{props.who === "member" ? words.typingMember(props.name) : words.typingAssistant}</span>
    </div>
  );
}

export function PendingBubble(props: { item: Pending }): JSX.Element {
  const { client, state, words } = useScene();
  const { item } = props;
  const url = usePicture(item.key);
  const calm = state.phase === "ready" && !state.stalled && state.line !== "offline";
  return (
    <article class={`row row-me pending${item.failed ? " failed" : ""}`}>
      {url && <img class="picture" src={url} alt={item.fileName || words.image} />}
      {(item.text || !url) && <div class="bubble">{item.text || item.fileName}</div>}
      {item.failed ? (
        <p class="foot" role="alert">
          <Icon name="alert" size={14} />
          <span>{errorWord(words, item.failed, client.config.max_file_bytes)}</span>
          {item.failed !== "file_lost" && (
            <button type="button" class="link" onClick={() => client.retry(item.key)}>
              {words.retry}
            </button>
          )}
          <button type="button" class="link" onClick={() => client.discard(item.key)}>
            {words.discard}
          </button>
        </p>
      ) : (
        <p class="foot">{calm ? words.sending : words.waiting}</p>
      )}
    </article>
  );
}

function usePicture(key: string): string {
  const { client } = useScene();
  const [url, setUrl] = useState("");
  useEffect(() => {
    const blob = client.picture(key);
    if (!blob) return undefined;
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [key]);
  return url;
}
