"""Writes a member's calendar as RFC 5545 has it."""

from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event, Todo

from crm.activities.models import Activity, Task

SHORTEST = timedelta(minutes=30)
PRIORITIES = {3: 1, 2: 5, 1: 9}


def calendar_text(*, name: str, host: str, activities: list[Activity], tasks: list[Task], now: datetime) -> bytes:
    """Return the calendar; each entry keeps its UID for good, so that programs change and drop what they have."""
    document = Calendar()
    document.add("prodid", "-//Guanxi//CRM//EN")
    document.add("version", "2.0")
    document.add("method", "PUBLISH")
    document.add("x-wr-calname", name)
    document.add("refresh-interval;value=duration", "PT15M")
    for activity in activities:
        document.add_component(_event(activity, host, now))
    for task in tasks:
        document.add_component(_todo(task, host, now))
    return bytes(document.to_ical())


def _event(activity: Activity, host: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"activity-{activity.pk}@{host}")
    event.add("dtstamp", now)
    event.add("last-modified", activity.updated_at)
    event.add("sequence", activity.version)
    event.add("dtstart", activity.at)
    event.add("dtend", activity.ends_at or activity.at + SHORTEST)
    event.add("summary", activity.subject or activity.kind)
    event.add("status", "CONFIRMED")
    if activity.place:
        event.add("location", activity.place)
    if activity.body:
        event.add("description", activity.body)
    if activity.state == Activity.State.PLANNED:
        for minutes in activity.remind_minutes or []:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", activity.subject)
            alarm.add("trigger", -timedelta(minutes=minutes))
            event.add_component(alarm)
    return event


def _todo(task: Task, host: str, now: datetime) -> Todo:
    todo = Todo()
    todo.add("uid", f"task-{task.pk}@{host}")
    todo.add("dtstamp", now)
    todo.add("last-modified", task.updated_at)
    todo.add("sequence", task.version)
    todo.add("due", task.due_at)
    todo.add("summary", task.title)
    todo.add("status", "NEEDS-ACTION")
    todo.add("priority", PRIORITIES.get(task.priority, 5))
    if task.body:
        todo.add("description", task.body)
    return todo
