/** A list opens as its first view, and every change of it stands in the address. */
import { flushPromises } from "./support";
import { createApp, defineComponent, h } from "vue";
import { createMemoryHistory, createRouter, RouterView } from "vue-router";
import { describe, expect, it } from "vitest";

import { useListState, type ListState } from "../src/records/useListState";

async function at(address: string): Promise<{ state: ListState; address: () => string }> {
  let state: ListState | null = null;
  const Page = defineComponent(() => {
    state = useListState({ view: "open", order: "-created_at", filters: { state: "open" } });
    return () => h("div");
  });
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/leads", name: "leads", component: Page }] });
  await router.push(address);
  createApp(RouterView).use(router).mount(document.createElement("div"));
  await flushPromises();
  return { state: state as unknown as ListState, address: () => router.currentRoute.value.fullPath };
}

describe("the look of a list", () => {
  it("is the first view's without a word in the address", async () => {
    const { state } = await at("/leads");
    expect([state.view.value, state.filters.value, state.query.value.order]).toEqual(["open", { state: "open" }, "-created_at"]);
  });

  it("is what the address says", async () => {
    const { state } = await at("/leads?view=all&city=A&city=B&q=tea&order=-updated_at");
    expect(state.query.value).toEqual({ city: ["A", "B"], q: "tea", order: "-updated_at" });
    expect(state.sort.value).toEqual({ id: "updated_at", down: true });
  });

  it("loses a filter of the first view for good once it was taken away", async () => {
    const { state, address } = await at("/leads");
    state.filters.value = {};
    await flushPromises();
    expect(address()).toBe("/leads?view=open");
    expect(state.filters.value).toEqual({});
  });

  it("keeps the filters when one searches", async () => {
    const { state } = await at("/leads?view=mine&owner_id=2");
    state.q.value = "tea";
    await flushPromises();
    expect([state.view.value, state.query.value]).toEqual(["mine", { owner_id: "2", q: "tea", order: "-created_at" }]);
  });
});
