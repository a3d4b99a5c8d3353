"""The API of the home page."""

from crm.workday import selectors
from crm.workday.schemas import MyDayOut
from crm.workday.types import MyDay
from guanxi.access import SIGNED_IN
from guanxi.http.router import ApiRequest, AppRouter

router = AppRouter(tag="workday")


@router.get("/home", permission=SIGNED_IN, response=MyDayOut, private="one's own working day")
def home_get(request: ApiRequest) -> MyDay:
    """Return what waits for the member today, and how the month goes."""
    return selectors.my_day(request.actor)
