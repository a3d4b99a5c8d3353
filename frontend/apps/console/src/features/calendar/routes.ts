/** Calendars. */
import { CalendarDays } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

export default defineFeature({
  routes: [{ path: "calendar", name: "calendar", component: () => import("./CalendarPage.vue"), meta: { title: "calendar.title", nav: "calendar", permission: "activity.read" } }],
  nav: [{ id: "calendar", label: "calendar.title", icon: CalendarDays, to: { name: "calendar" }, order: 62, permission: "activity.read" }],
  commands: [
    { id: "calendar.open", label: "calendar.title", icon: CalendarDays, to: { name: "calendar" }, permission: "activity.read", order: 62 },
    { id: "calendar.plan", label: "calendar.create", icon: CalendarDays, to: { name: "calendar", query: { new: "1" } }, permission: "activity.create", creates: true, order: 145 },
  ],
});
