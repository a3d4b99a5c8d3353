// One stored message, and the line that tells of a change.
import type { JSX } from "preact";
import { pieces, safeLink } from "../rich";
import type { Message, SharedFile, Source } from "../types";
import type { Notice } from "../talk";
import { clockTime } from "../when";
import { noticeWord } from "../words";
import { Choices, PastChoices } from "./Choices";
import { ContactCard } from "./ContactCard";
import { useScene } from "./context";
import { Icon } from "./icons";

export function Bubble(props: { message: Message; grouped: boolean; answerable: boolean; asking: boolean }): JSX.Element {
  const { state, words } = useScene();
  const { message, answerable } = props;
  const mine = message.sender === "visitor";
  const who = mine ? words.me : message.name || (message.sender === "member" ? words.person : words.assistant);
  return (
    <article class={`row ${mine ? "row-me" : "row-them"}${props.grouped ? " grouped" : ""}`} data-message={message.id}>
      {!props.grouped && (
        <p class="who">
          {mine ? <span class="hidden">{who}</span> : <b>{who}</b>}
          <time dateTime={message.at} title={new Date(message.at).toLocaleString(state.language)}>
            {clockTime(message.at)}
          </time>
        </p>
      )}
      {message.file && <Attachment file={message.file} />}
      {message.text && (
        <div class="bubble">
          <Rich text={message.text} />
        </div>
      )}
      {(message.generated || message.sources.length > 0) && <Footnote generated={message.generated} sources={message.sources} />}
      {answerable && message.choices.length > 0 && <Choices title={words.choices} choices={message.choices} tail={message.tail} bare={message.text !== ""} />}
      {!answerable && message.choices.length > 0 && <PastChoices choices={message.choices} />}
      {props.asking && <ContactCard />}
    </article>
  );
}

export function NoticeLine(props: { notice: Notice }): JSX.Element {
  const { words } = useScene();
  return <p class="notice">{noticeWord(words, props.notice)}</p>;
}

export function Rich(props: { text: string }): JSX.Element {
  return (
    <>
      {pieces(props.text).map((piece, index) =>
        "link" in piece ? (
          <a key={index} href={piece.link} target="_blank" rel="noopener noreferrer nofollow">
            {piece.text}
          </a>
        ) : (
          piece.text
        ),
      )}
    </>
  );
}

function Footnote(props: { generated: boolean; sources: Source[] }): JSX.Element {
  const { words } = useScene();
  return (
    <div class="foot">
      {props.generated && (
        <span class="tag" title={words.generatedHelp}>
          {words.generated}
        </span>
      )}
      {props.sources.length > 0 && (
        <details class="sources">
          <summary>{words.sources(props.sources.length)}</summary>
          <ul>
            {props.sources.map((source) => (
              <li key={source.title + source.url}>
                {safeLink(source.url) ? (
                  <a href={safeLink(source.url)} target="_blank" rel="noopener noreferrer">
                    {source.title}
                  </a>
                ) : (
                  source.title
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Attachment(props: { file: SharedFile }): JSX.Element {
  const { words } = useScene();
  const { file } = props;
  if (file.content_type.indexOf("image/") === 0) {
    return (
      <a class="picture" href={file.url} target="_blank" rel="noopener" title={words.openImage}>
        <img src={file.url} alt={file.name || words.image} loading="lazy" />
      </a>
    );
  }
  return (
    <a class="bubble download" href={file.url} target="_blank" rel="noopener">
      <Icon name="file" size={16} />
      <span class="grow">{file.name || words.file}</span>
    </a>
  );
}
