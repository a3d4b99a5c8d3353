// Questions to tap instead of typing.
import type { JSX } from "preact";
import type { Choice } from "../types";
import { useScene } from "./context";
import { Icon } from "./icons";

export function Choices(props: { title: string; choices: Choice[]; tail?: string; bare?: boolean }): JSX.Element {
  const { client } = useScene();
  return (
    <div class="choices" role="group" aria-label={props.title}>
      {!props.bare && <p class="choices-title">{props.title}</p>}
      {props.choices.map((choice) => (
        <button type="button" class="choice" key={choice.id + choice.text} onClick={() => void client.send(choice.text, choice)}>
          <span class="grow">{choice.text}</span>
          <Icon name="right" size={14} />
        </button>
      ))}
      {props.tail && <p class="choices-tail">{props.tail}</p>}
    </div>
  );
}

/** A menu that has been answered: still there to read, no longer to tap. */
export function PastChoices(props: { choices: Choice[] }): JSX.Element {
  return (
    <ol class="past-choices">
      {props.choices.map((choice) => (
        <li key={choice.id + choice.text}>{choice.text}</li>
      ))}
    </ol>
  );
}
