"""Mails that nobody's request should wait for."""

from allauth.account.models import EmailAddress
from celery import shared_task

from guanxi.jobs import TenantTask


@shared_task(base=TenantTask, name="accounts.mail_proof_link")
def mail_proof_link(user_id: int) -> None:
    """Mail a link that proves the user's address, unless it is proven."""
    address = EmailAddress.objects.select_related("user").filter(user_id=user_id, primary=True, verified=False).first()
    if address is not None:
        address.send_confirmation()
