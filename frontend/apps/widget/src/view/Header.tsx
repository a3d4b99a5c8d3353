// Who is talking to the visitor, and the way to a person.
import type { JSX } from "preact";
import type { State } from "../client";
import type { Words } from "../words";
import { useScene } from "./context";
import { Icon } from "./icons";

export function Header(props: { onClose: (() => void) | null }): JSX.Element {
  const { client, state, words } = useScene();
  const talk = state.talk.info;
  const withPerson = talk.state === "queued" || talk.state === "open" || talk.state === "snoozed";
  return (
    <header class="head">
      <div class="head-text">
        <h1 class="head-name">{client.config.name || words.chat}</h1>
        <p class="head-state" role="status">
          <span class={`dot dot-${withPerson ? talk.state : "bot"}`} aria-hidden="true" />
          {statusLine(state, words)}
        </p>
      </div>
      {!withPerson && (
        <button type="button" class="quiet" disabled={state.handoverAsked} onClick={() => client.askForPerson(words.handoverText)}>
          <Icon name="person" size={16} />
          <span>{state.handoverAsked ? words.handoverAsked : words.handover}</span>
        </button>
      )}
      {props.onClose && (
        <button type="button" class="quiet icon" aria-label={words.close} title={words.close} onClick={props.onClose}>
          <Icon name="down" />
        </button>
      )}
    </header>
  );
}

function statusLine(state: State, words: Words): string {
  const talk = state.talk.info;
  if (talk.state === "queued") return words.queued;
  if (talk.state === "open" || talk.state === "snoozed") return words.open(talk.agent);
  if (talk.state === "resolved") return words.resolved;
  return words.bot;
}
