/** Tasks. */
import { ListTodo } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

export default defineFeature({
  routes: [
    { path: "tasks", name: "tasks", component: () => import("./TasksPage.vue"), meta: { title: "tasks.title", nav: "tasks", permission: "task.read" } },
    { path: "tasks/:id(\\d+)", name: "task", component: () => import("./TaskPage.vue"), props: (to) => ({ id: Number(to.params.id) }), meta: { title: "tasks.title", nav: "tasks", permission: "task.read" } },
  ],
  nav: [{ id: "tasks", label: "tasks.title", icon: ListTodo, to: { name: "tasks" }, order: 60, permission: "task.read", tab: 4 }],
  commands: [
    { id: "tasks.open", label: "tasks.title", icon: ListTodo, to: { name: "tasks" }, permission: "task.read", order: 60 },
    { id: "tasks.create", label: "tasks.create", icon: ListTodo, to: { name: "tasks", query: { new: "1" } }, permission: "task.create", creates: true, order: 140 },
  ],
});
