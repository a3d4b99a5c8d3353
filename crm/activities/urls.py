"""The address at which calendar programs read a member's calendar."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from crm.activities.ical import calendar_text
from crm.activities.selectors import fed_entries, feed_of_token
from crm.activities.services import note_feed_read
from guanxi.common import clock
from guanxi.tenancy import current_tenant

LONGEST_TOKEN = 100


@never_cache
@require_GET
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Return the calendar of the member whose address this is; any other address is not there."""
    feed = feed_of_token(token) if current_tenant() is not None and len(token) <= LONGEST_TOKEN else None
    if feed is None:
        raise Http404
    activities, tasks = fed_entries(feed)
    text = calendar_text(
        name=feed.member.name, host=request.get_host(), activities=activities, tasks=tasks, now=clock.now()
    )
    note_feed_read(feed=feed)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


urlpatterns = [path("calendar/<str:token>.ics", calendar_feed, name="calendar_feed")]
