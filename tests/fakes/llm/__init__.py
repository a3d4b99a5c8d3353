"""An OpenAI-compatible model that answers by rule or by script, over HTTP."""

from tests.fakes.llm.client import FakeModel
from tests.fakes.llm.mind import Behaviour, Mind

__all__ = ["Behaviour", "FakeModel", "Mind"]
