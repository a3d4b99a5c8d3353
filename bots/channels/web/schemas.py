"""What the widget sends and gets."""

from datetime import datetime

from ninja import Field, Schema

from bots.channels.web.types import MAX_TEXT


class PageIn(Schema):
    """The page that the visitor is on."""

    url: str = Field("", max_length=4000)
    title: str = Field("", max_length=400)
    referrer: str = Field("", max_length=4000)


def _no_page() -> PageIn:
    return PageIn(url="", title="", referrer="")


class VisitIn(Schema):
    """The start of a visit; `token` is what an earlier one gave."""

    key: str = Field(max_length=80)
    token: str | None = Field(None, max_length=4000)
    page: PageIn = Field(default_factory=_no_page)
    language: str = Field("zh-CN", max_length=20)


class MessageIn(Schema):
    """A message of the visitor; `choice` names the menu's entry that was tapped, `file` the reference of an upload."""

    text: str = Field("", max_length=MAX_TEXT)
    choice: str | None = Field(None, max_length=100)
    file: str | None = Field(None, max_length=1000)
    page: PageIn = Field(default_factory=_no_page)
    language: str = Field("zh-CN", max_length=20)


class HandoverIn(Schema):
    """A visitor asks for a person, in these words."""

    text: str = Field(min_length=1, max_length=200)


class ContactIn(Schema):
    """How the visitor can be reached, and the sentence that they agreed to."""

    name: str = Field(min_length=1, max_length=60)
    phone: str = Field(min_length=5, max_length=40)
    consent: str = Field(min_length=1, max_length=300)


class SourceOut(Schema):
    """Where an answer comes from."""

    title: str
    url: str


class ChoiceOut(Schema):
    """An entry of a menu."""

    id: str
    text: str


class FileOut(Schema):
    """A file of the talk; `ref` names it in a message, `url` shows it for a day."""

    ref: str
    url: str
    name: str
    size: int
    content_type: str


class MessageOut(Schema):
    """A message as the visitor sees it."""

    id: int
    key: str
    client_key: str
    sender: str
    name: str
    text: str
    generated: bool
    sources: list[SourceOut]
    choices: list[ChoiceOut]
    tail: str
    asks: str
    file: FileOut | None
    at: datetime


class TalkOut(Schema):
    """Who has the word."""

    state: str
    agent: str


class VisitOut(Schema):
    """Everything that the page needs to go on where the visitor left."""

    token: str
    talk: TalkOut
    messages: list[MessageOut]
    older: str | None
    contact_known: bool


class MessagesOut(Schema):
    """A part of the talk, oldest first; `next` asks for more in the same direction."""

    items: list[MessageOut]
    next: str | None
    talk: TalkOut


class SentOut(Schema):
    """The stored message, and who has the word now."""

    message: MessageOut
    talk: TalkOut
