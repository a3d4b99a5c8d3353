// The whole page in the frame.
import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { Bridge } from "../bridge";
import type { Client } from "../client";
import { wordsFor } from "../words";
import { Composer } from "./Composer";
import { SceneContext } from "./context";
import { Header } from "./Header";
import { LineBar } from "./LineBar";
import { MessageList } from "./MessageList";

export function App(props: { client: Client; bridge: Bridge }): JSX.Element {
  const { client, bridge } = props;
  const [state, setState] = useState(client.state);
  useEffect(() => {
    setState(client.state);
    return client.subscribe(() => setState(client.state));
  }, [client]);
  useEffect(() => {
    document.documentElement.lang = state.language;
  }, [state.language]);
  const words = wordsFor(state.language);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !event.isComposing) bridge.tell({ type: "close" });
  };
  return (
    <SceneContext.Provider value={{ client, state, words }}>
      <div class="gx" role="dialog" aria-label={client.config.name || words.chat} onKeyDown={onKeyDown}>
        <Header onClose={bridge.framed ? () => bridge.tell({ type: "close" }) : null} />
        <LineBar />
        <MessageList />
        <Composer />
      </div>
    </SceneContext.Provider>
  );
}
