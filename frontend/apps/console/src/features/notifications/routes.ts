/** Notifications. */
import { Bell } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

export default defineFeature({
  routes: [{ path: "notifications", name: "notifications", component: () => import("./NotificationsPage.vue"), meta: { title: "notifications.title" } }],
  commands: [{ id: "notifications.open", label: "notifications.title", icon: Bell, to: { name: "notifications" }, order: 80 }],
});
