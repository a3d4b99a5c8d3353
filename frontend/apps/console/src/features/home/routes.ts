/** Home: my day. */
import { House } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

export default defineFeature({
  routes: [{ path: "", name: "home", component: () => import("./HomePage.vue"), meta: { title: "home.title", nav: "home" } }],
  nav: [{ id: "home", label: "home.title", icon: House, to: { name: "home" }, order: 10, tab: 1 }],
  commands: [{ id: "home.open", label: "home.title", icon: House, to: { name: "home" }, order: 10 }],
});
