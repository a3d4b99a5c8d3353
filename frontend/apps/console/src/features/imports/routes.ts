/** Import and export; their history stands in the settings. */
import { FileUp } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

const meta = { title: "imports.title", nav: "settings", steady: true };

export default defineFeature({
  routes: [
    { path: "imports/new", name: "import-new", component: () => import("./ImportPage.vue"), meta },
    { path: "imports/:id(\\d+)", name: "import", component: () => import("./ImportPage.vue"), props: (to) => ({ id: Number(to.params.id) }), meta },
  ],
  commands: [
    { id: "imports.customers", label: "imports.commands.customers", icon: FileUp, to: { name: "import-new", query: { kind: "customer" } }, permission: "customer.import", order: 160 },
    { id: "imports.leads", label: "imports.commands.leads", icon: FileUp, to: { name: "import-new", query: { kind: "lead" } }, permission: "lead.import", order: 161 },
  ],
});
