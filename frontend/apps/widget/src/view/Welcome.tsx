// The greeting and the first questions to tap; both are the workspace's own words, never stored as messages.
import type { JSX } from "preact";
import { useScene } from "./context";
import { Choices } from "./Choices";

export function Welcome(props: { starters: boolean }): JSX.Element {
  const { client, state, words } = useScene();
  const chinese = state.language === "zh-CN";
  const { greeting, starters } = client.config;
  const text = (chinese ? greeting.zh || greeting.en : greeting.en || greeting.zh) || words.greeting;
  const questions = chinese || !starters.en.length ? starters.zh : starters.en;
  return (
    <div class="row row-them">
      <p class="who">
        <b>{client.config.name || words.assistant}</b>
      </p>
      <div class="bubble">{text}</div>
      {props.starters && questions.length > 0 && (
        <Choices title={words.starters} choices={questions.map((question) => ({ id: "", text: question }))} />
      )}
    </div>
  );
}
