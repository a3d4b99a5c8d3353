"""Mails that nobody's request should wait for."""

from celery import shared_task

from guanxi.jobs import TenantTask
from tenants.members.services import mail_invitation


@shared_task(base=TenantTask, name="members.send_invitation")
def send_invitation(invitation_id: int) -> None:
    """Send the mail of an invitation."""
    mail_invitation(invitation_id=invitation_id)
