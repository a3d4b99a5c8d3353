// What every part of the page needs: the client, its state and the words.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Client, State } from "../client";
import type { Words } from "../words";

export interface Scene {
  client: Client;
  state: State;
  words: Words;
}

export const SceneContext = createContext<Scene | null>(null);

export function useScene(): Scene {
  const scene = useContext(SceneContext);
  if (!scene) throw new Error("no scene");
  return scene;
}
