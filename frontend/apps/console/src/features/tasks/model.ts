/** Tasks as the API shows them. */
import { CalendarDays, ListTodo, Mail, MapPin, Phone } from "@lucide/vue";
import type { Component } from "vue";

import type { RecordBase } from "../../records/types";

export interface Task extends RecordBase {
  title: string;
  body: string;
  kind: "todo" | "call" | "visit" | "meeting" | "email";
  state: "open" | "done" | "cancelled";
  priority: 1 | 2 | 3;
  due_at: string;
  remind_at: string | null;
  done_at: string | null;
  record_kind: string;
  record_id: number | null;
  /** Empty when the task is about nothing, or about what one may not see. */
  record_title: string;
  created_by_id: number | null;
}

export const TASK_ICONS: Record<Task["kind"], Component> = { todo: ListTodo, call: Phone, visit: MapPin, meeting: CalendarDays, email: Mail };

export const isOverdue = (task: Task, now = Date.now()): boolean => task.state === "open" && Date.parse(task.due_at) < now;
