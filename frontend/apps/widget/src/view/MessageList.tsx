// The talk from the greeting down: stored messages, the answer that is being written, and what has not gone out yet.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { isLatest, lastAsk, lastId, type Notice } from "../talk";
import type { Message } from "../types";
import { dayLabel, isoDay } from "../when";
import { Bubble, NoticeLine } from "./Bubble";
import { useScene } from "./context";
import { Icon } from "./icons";
import { PendingBubble, StreamBubble, TypingBubble } from "./Passing";
import { Welcome } from "./Welcome";

const NEAR_END = 80;

export function MessageList(): JSX.Element {
  const { client, state, words } = useScene();
  const { talk, pending } = state;
  const box = useRef<HTMLDivElement>(null);
  const follow = useRef(true);
  const [below, setBelow] = useState(false);
  const height = useRef(0);
  const streamed = talk.streams.reduce((sum, stream) => sum + stream.text.length, 0);
  const newest = lastId(talk);

  const toEnd = (): void => {
    const node = box.current;
    if (node) node.scrollTop = node.scrollHeight;
    setBelow(false);
  };
  useLayoutEffect(() => {
    if (follow.current) toEnd();
    else setBelow(true);
  }, [newest, streamed, pending.length, talk.typing !== null, state.open]);
  useEffect(() => {
    // Own words always come into view.
    follow.current = true;
    toEnd();
  }, [pending.length, state.open]);
  useLayoutEffect(() => {
    // Older messages that came in above leave what is being read where it was.
    const node = box.current;
    if (node && height.current) node.scrollTop += node.scrollHeight - height.current;
    height.current = 0;
  }, [talk.messages[0]?.id]);
  const onScroll = (): void => {
    const node = box.current;
    if (!node) return;
    follow.current = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_END;
    if (follow.current) setBelow(false);
  };
  const older = (): void => {
    height.current = box.current?.scrollHeight ?? 0;
    void client.loadOlder();
  };
  const empty = talk.messages.length === 0;
  return (
    <div class="stage">
      <div class="list" ref={box} onScroll={onScroll} role="log" aria-live="polite" tabIndex={0} aria-label={words.chat}>
        {talk.older && (
          <button type="button" class="older link" disabled={state.loadingOlder} onClick={older}>
            {state.loadingOlder ? words.loading : words.older}
          </button>
        )}
        {!talk.older && <Welcome starters={empty && pending.length === 0} />}
        {state.phase === "starting" && empty && client.known && <Skeleton label={words.loading} />}
        <Notices after={0} />
        {talk.messages.map((message, index) => (
          <Entry key={message.id} message={message} previous={talk.messages[index - 1]} />
        ))}
        {talk.streams.map((stream) => (
          <StreamBubble key={stream.key} text={stream.text} />
        ))}
        {pending.map((item) => (
          <PendingBubble key={item.key} item={item} />
        ))}
        {talk.typing && talk.streams.length === 0 && <TypingBubble who={talk.typing.who} name={talk.typing.name} />}
      </div>
      {below && (
        <button type="button" class="below" onClick={toEnd}>
          <Icon name="down" size={14} />
          {words.newMessages}
        </button>
      )}
    </div>
  );
}

function Entry(props: { message: Message; previous: Message | undefined }): JSX.Element {
  const { state, words } = useScene();
  const { message, previous } = props;
  const now = new Date();
  const newDay = !previous || isoDay(previous.at) !== isoDay(message.at);
  const dated = newDay && (previous !== undefined || isoDay(message.at) !== isoDay(now.toISOString()));
  const grouped = !newDay && previous !== undefined && previous.sender === message.sender && previous.name === message.name && !talkHasNoticeAfter(state.talk.notices, previous.id);
  return (
    <>
      {dated && <p class="day">{dayLabel(message.at, now, words, state.language)}</p>}
      <Bubble message={message} grouped={grouped} answerable={isLatest(state.talk, message) && state.pending.length === 0} asking={lastAsk(state.talk) === message.id} />
      <Notices after={message.id} />
    </>
  );
}

function Notices(props: { after: number }): JSX.Element {
  const { state } = useScene();
  const here = state.talk.notices.filter((notice) => notice.after === props.after);
  return (
    <>
      {here.map((notice, index) => (
        <NoticeLine key={index} notice={notice} />
      ))}
    </>
  );
}

function talkHasNoticeAfter(notices: Notice[], id: number): boolean {
  return notices.some((notice) => notice.after === id);
}

function Skeleton(props: { label: string }): JSX.Element {
  return (
    <div class="skeleton" role="status" aria-label={props.label}>
      <i />
      <i />
      <i />
    </div>
  );
}
