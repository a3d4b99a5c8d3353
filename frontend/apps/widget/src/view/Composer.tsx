// Where the visitor writes. The draft is kept while it is typed.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { PICTURE_TYPES } from "../picture";
import { useScene } from "./context";
import { Icon } from "./icons";

const MAX_TEXT = 4000;
const TALLEST = 120;

export function Composer(): JSX.Element {
  const { client, state, words } = useScene();
  const [text, setText] = useState(() => client.draft());
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const node = field.current;
    if (!node) return;
    node.style.height = "auto";
    node.style.height = `${Math.min(node.scrollHeight, TALLEST)}px`;
  }, [text, state.open]);
  useEffect(() => {
    // On a phone the keyboard would cover the greeting before anybody has read it.
    if (state.open && !matchMedia("(pointer: coarse)").matches) field.current?.focus({ preventScroll: true });
  }, [state.open]);
  const change = (value: string): void => {
    setText(value);
    client.draft(value);
    client.typing();
  };
  const submit = (): void => {
    if (!text.trim()) return;
    void client.send(text);
    setText("");
    client.draft("");
    field.current?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // Enter also picks a word in a Chinese input method; that one (key code 229 in older browsers) must not send.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      submit();
    }
  };
  const onPaste = (event: ClipboardEvent): void => {
    const picture = Array.from(event.clipboardData?.files ?? []).filter((file) => PICTURE_TYPES.indexOf(file.type) >= 0)[0];
    if (!picture) return;
    event.preventDefault();
    void client.sendPicture(picture);
  };
  const onPick = (): void => {
    const file = picker.current?.files?.[0];
    if (file) void client.sendPicture(file);
    if (picker.current) picker.current.value = "";
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <input ref={picker} class="hidden" type="file" accept={PICTURE_TYPES.join(",")} tabIndex={-1} aria-hidden="true" onChange={onPick} />
      <button type="button" class="quiet icon" aria-label={words.attach} title={words.attach} onClick={() => picker.current?.click()}>
        <Icon name="image" size={20} />
      </button>
      <textarea
        ref={field}
        rows={1}
        value={text}
        maxLength={MAX_TEXT}
        placeholder={words.placeholder}
        aria-label={words.placeholder}
        enterkeyhint="send"
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      <button type="submit" class="primary icon" aria-label={words.send} title={words.send} disabled={!text.trim()}>
        <Icon name="send" size={18} />
      </button>
    </form>
  );
}
