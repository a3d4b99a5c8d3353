"""The assistant's work in the background."""

from celery import shared_task

from bots.assistant.services import answer_message, drop_unused_vectors, embed_knowledge
from guanxi.jobs.base import TenantTask
from guanxi.jobs.registry import daily


@shared_task(base=TenantTask, name="bots.assistant.answer", soft_time_limit=90, time_limit=120)
def answer(message_id: int) -> None:
    """Answer one message, unless that has been done."""
    answer_message(message_id=message_id)


@shared_task(base=TenantTask, name="bots.assistant.embed", soft_time_limit=3600, time_limit=3700)
def embed() -> None:
    """Bring the vectors up to the published knowledge."""
    embed_knowledge()


@daily("assistant.drop_unused_vectors")
def tidy() -> None:
    """Forget vectors that nothing needs any more."""
    drop_unused_vectors()
