/** Days, weeks and months of a calendar, in the reader's own zone; weeks begin on Monday. */
export const DAY = 86_400_000;

export function startOfDay(moment: Date): Date {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
}

export function plusDays(day: Date, count: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + count, day.getHours(), day.getMinutes());
}

export function startOfWeek(day: Date): Date {
  return plusDays(startOfDay(day), -((day.getDay() + 6) % 7));
}

export function dayKey(day: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** The days of the weeks that a month touches. */
export function monthGrid(month: Date): Date[] {
  const first = startOfWeek(new Date(month.getFullYear(), month.getMonth(), 1));
  const last = new Date(month.getFullYear(), month.getMonth() + 1, 0);
  const weeks = Math.ceil(((last.getTime() - first.getTime()) / DAY + 1) / 7);
  return Array.from({ length: weeks * 7 }, (_, at) => plusDays(first, at));
}

/** What stands on each day, the days in the order in which they come. */
export function grouped<T>(rows: readonly T[], dayOf: (row: T) => string): Map<string, T[]> {
  const days = new Map<string, T[]>();
  for (const row of rows) days.set(dayOf(row), [...(days.get(dayOf(row)) ?? []), row]);
  return days;
}
