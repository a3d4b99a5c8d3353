"""Invitations: a link by mail, another one to pass on by chat."""

from collections.abc import Iterable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q

from guanxi.access import Actor, require
from guanxi.audit import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, Problem
from guanxi.common.ids import digest, new_token
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.tenancy import require_tenant
from tenants.accounts.selectors import find_user
from tenants.accounts.services import hash_new_password
from tenants.members import events
from tenants.members.mails import send_invitation_mail
from tenants.members.models import Department, Invitation, Member
from tenants.members.services.first_hour import mark_first_hour_step
from tenants.members.services.guards import require_may_grant, roles_of_codes
from tenants.members.services.members import add_member
from tenants.members.types import FirstHour, NewInvitation
from tenants.workspaces.selectors import workspace_url

LIFETIME = timedelta(days=7)
MAX_OPEN = 500


def create_invitation(
    *,
    actor: Actor,
    email: str,
    roles: Iterable[str],
    name: str = "",
    department_id: int | None = None,
    locale: str = "zh-CN",
) -> NewInvitation:
    """Invite somebody; a mail goes out, and the returned link can be passed on by chat. The link is shown this once."""
    require(actor, "invitation.create")
    address = _address(email)
    wanted = roles_of_codes(roles)
    require_may_grant(actor, wanted)
    if find_user(address) is not None:
        raise Conflict("already_member", "Somebody with this e-mail is a member already.", params={"email": address})
    if department_id is not None and not Department.objects.filter(pk=department_id).exists():
        raise Invalid("unknown_department", "There is no such department.", fields={"department_id": "unknown"})
    if Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True).count() >= MAX_OPEN:
        raise Conflict(
            "too_many_invitations", f"At most {MAX_OPEN} invitations may be open.", params={"limit": MAX_OPEN}
        )
    token = new_token()
    invitation = Invitation(
        email=address,
        name=name.strip(),
        locale=locale,
        department_id=department_id,
        invited_by_id=actor.member_id,
        link_digest=digest(token),
        mail_digest=digest(new_token()),
        expires_at=clock.now() + LIFETIME,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                invitation.save()
        except IntegrityError as fault:
            open_one = Invitation.objects.filter(
                email=address, accepted_at__isnull=True, revoked_at__isnull=True
            ).first()
            params = {"email": address, "id": open_one.pk if open_one else 0}
            raise Conflict(
                "already_invited", "This e-mail has an open invitation; send it again instead.", params=params
            ) from fault
        invitation.roles.set(wanted)
        record_audit(
            actor=actor,
            action="invited",
            kind="invitation",
            record_id=invitation.pk,
            changes={"email": (None, address)},
        )
        audience = Audience(permission="invitation.read")
        data = {"invitation_id": invitation.pk}
        record_event(events.INVITED, actor=actor, aggregate=("invitation", invitation.pk), data=data, audience=audience)
        mark_first_hour_step(actor=actor, code=FirstHour.INVITE_COLLEAGUES)
        _mail(invitation)
    return NewInvitation(invitation.pk, _link(token))


def _link(token: str) -> str:
    return workspace_url(require_tenant().slug, f"/join/{token}")


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as fault:
        raise Invalid("invalid_email", "This is no e-mail address.", fields={"email": "format"}) from fault
    return address


def _mail(invitation: Invitation) -> None:
    """Send the mail, with a token made for it alone: whoever comes by it has proven the address."""
    token = new_token()
    invitation.mail_digest, invitation.sent_at = digest(token), clock.now()
    Invitation.objects.filter(pk=invitation.pk).update(mail_digest=invitation.mail_digest, sent_at=invitation.sent_at)
    send_invitation_mail(
        to=invitation.email,
        locale=invitation.locale,
        name=invitation.name,
        inviter=invitation.invited_by.name if invitation.invited_by else "",
        url=_link(token),
    )


def resend_invitation(*, actor: Actor, invitation_id: int) -> NewInvitation:
    """Send an invitation again: the links of before end, a week begins anew."""
    require(actor, "invitation.create")
    with transaction.atomic():
        invitation = _locked(Q(pk=invitation_id), invitation_id)
        _require_open(invitation, may_be_late=True)
        require_may_grant(actor, invitation.roles.all())
        token = new_token()
        invitation.link_digest, invitation.mail_digest = digest(token), digest(new_token())
        invitation.expires_at, invitation.updated_at = clock.now() + LIFETIME, clock.now()
        invitation.save(update_fields=["link_digest", "mail_digest", "expires_at", "updated_at"])
        record_audit(actor=actor, action="sent_again", kind="invitation", record_id=invitation.pk)
        _mail(invitation)
    return NewInvitation(invitation.pk, _link(token))


def revoke_invitation(*, actor: Actor, invitation_id: int) -> None:
    """End an invitation that nobody has accepted."""
    require(actor, "invitation.revoke")
    with transaction.atomic():
        invitation = _locked(Q(pk=invitation_id), invitation_id)
        if invitation.accepted_at is not None:
            raise Conflict("invitation_used", "This invitation was accepted already.")
        if invitation.revoked_at is None:
            invitation.revoked_at = invitation.updated_at = clock.now()
            invitation.save(update_fields=["revoked_at", "updated_at"])
            record_audit(actor=actor, action="revoked", kind="invitation", record_id=invitation.pk)
            audience = Audience(permission="invitation.read")
            record_event(
                events.INVITATION_REVOKED, actor=actor, aggregate=("invitation", invitation.pk), audience=audience
            )


def open_invitation(token: str) -> Invitation:
    """Return the invitation of a link; raise NotFound, or a Problem that says why it cannot be accepted any more."""
    invitation = Invitation.objects.select_related("invited_by").filter(_by_token(token)).first()
    if invitation is None:
        raise NotFound("invitation", "of this link")
    _require_open(invitation)
    return invitation


def accept_invitation(*, token: str, name: str, password: str) -> Member:
    """Join: make user and member. Whoever came by the mail's link has proven the address."""
    invitation = open_invitation(token)
    password_hash = hash_new_password(password, email=invitation.email, name=name)
    with transaction.atomic():
        invitation = _locked(_by_token(token), "of this link")
        _require_open(invitation)
        member = add_member(
            actor=Actor.system(f"invitation:{invitation.pk}"),
            email=invitation.email,
            name=name,
            roles=[role.code for role in invitation.roles.all()],
            password_hash=password_hash,
            department_id=invitation.department_id,
            manager_id=_active(invitation.invited_by_id),
            locale=invitation.locale,
            email_proven=digest(token) == invitation.mail_digest,
        )
        invitation.accepted_at = invitation.updated_at = clock.now()
        invitation.member = member
        invitation.save(update_fields=["accepted_at", "updated_at", "member"])
    return member


def _active(member_id: int | None) -> int | None:
    if member_id is None:
        return None
    return Member.objects.filter(pk=member_id, state=Member.State.ACTIVE).values_list("pk", flat=True).first()


def _by_token(token: str) -> Q:
    return Q(mail_digest=digest(token)) | Q(link_digest=digest(token))


def _locked(condition: Q, shown: object) -> Invitation:
    invitation = Invitation.objects.select_for_update(of=("self",)).filter(condition).first()
    if invitation is None:
        raise NotFound("invitation", shown)
    return invitation


def _require_open(invitation: Invitation, *, may_be_late: bool = False) -> None:
    if invitation.accepted_at is not None:
        raise Conflict("invitation_used", "This invitation was accepted already; sign in instead.")
    if invitation.revoked_at is not None:
        raise Problem("invitation_revoked", status=410, detail="This invitation was taken back.")
    if not may_be_late and invitation.expires_at <= clock.now():
        raise Problem("invitation_expired", status=410, detail="This invitation is too old; ask for a new one.")
