"""Signing a company up: a spare schema is renamed in the request, or a worker makes one while the page waits."""

import hashlib
import hmac
import logging
import re
from dataclasses import asdict
from datetime import timedelta

import orjson
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid
from guanxi.events.services import record_event
from guanxi.jobs import enqueue
from guanxi.secrets import seal, unseal
from guanxi.tenancy import public_scope, tenant_scope
from tenants.workspaces import events
from tenants.workspaces.directory import forget_workspace
from tenants.workspaces.founding import make_owner, write_defaults
from tenants.workspaces.looking_after import look_after_soon
from tenants.workspaces.models import SignUp, Workspace
from tenants.workspaces.plans import begin_trial, is_offered
from tenants.workspaces.provisioning.spares import claim_spare, make_spare
from tenants.workspaces.services.life import enter_state
from tenants.workspaces.services.tokens import issue_hand_over
from tenants.workspaces.slugs import check_subdomain, suggest
from tenants.workspaces.types import FoundedOwner, Founder, Founding, SignUpForm

S = Workspace.State
log = logging.getLogger(__name__)
LOCALES = ("zh-CN", "en")
PHONE = re.compile(r"^\+?[0-9][0-9 -]{4,19}$")
SEALED_FIELD = "workspaces.sign_up.form"
# A page that lost the answer may ask for a way in again; later there is the sign-in page.
WAY_IN_FOR = timedelta(minutes=15)
MAX_ATTEMPTS = 8


def sign_up(*, form: SignUpForm) -> SignUp:
    """Take a sign-up in; the workspace is ready at return, or being prepared when no spare schema was left.

    The same key again gives the first one's result. Raises Invalid with a code a field, Conflict("subdomain_taken");
    then nothing is made.
    """
    with public_scope():
        known = SignUp.objects.filter(key=form.key).first()
        if known is not None:
            return _same(known, form)
        _validate(form)
        # Hashing takes longer than all the rest; it must not happen inside the transaction.
        founder = Founder(
            name=form.name.strip(),
            email=form.email.strip().lower(),
            phone=form.phone.strip(),
            password_hash=make_password(form.password),
            company=form.company.strip(),
            locale=form.locale,
            timezone=form.timezone,
        )
        try:
            with transaction.atomic():
                return _enter(form, founder)
        except _CameTwice:
            return _same(SignUp.objects.get(key=form.key), form)


class _CameTwice(Exception):
    """The same form was submitted at the same moment, and the other one was first."""


def _same(known: SignUp, form: SignUpForm) -> SignUp:
    if not hmac.compare_digest(known.form_digest, _form_digest(form)):
        raise Invalid(
            "sign_up_key_reused", "This key came before with another form. Nothing was done; reload the page."
        )
    return known


def _form_digest(form: SignUpForm) -> str:
    values = {**asdict(form), "password": "", "key": str(form.key)}
    text = b"sign-up:" + orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()


def _validate(form: SignUpForm) -> None:
    fields = {
        "company": "" if 1 <= len(form.company.strip()) <= 80 else "length",
        "name": "" if 1 <= len(form.name.strip()) <= 50 else "length",
        "email": _email_fault(form.email.strip()),
        "phone": "" if not form.phone.strip() or PHONE.match(form.phone.strip()) else "format",
        "plan": "" if is_offered(form.plan) else "unknown",
        "locale": "" if form.locale in LOCALES else "unknown",
        "accepts_terms": "" if form.accepts_terms else "required",
        "password": _password_fault(form),
    }
    subdomain = check_subdomain(form.slug)
    if subdomain.reason in {"format", "reserved"} or subdomain.slug != form.slug:
        fields["slug"] = subdomain.reason or "format"
    faults = {name: code for name, code in fields.items() if code}
    if faults:
        params = {"suggestion": subdomain.suggestion} if "slug" in faults else {}
        raise Invalid(
            "invalid_sign_up",
            "Some fields are missing or wrong; see `fields`. Nothing was made.",
            fields=faults,
            params=params,
        )
    if not subdomain.available:
        raise _taken(form.slug)


def _email_fault(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError:
        return "format"
    return "" if len(email) <= 254 else "length"


def _password_fault(form: SignUpForm) -> str:
    user = get_user_model()(email=form.email, name=form.name)
    try:
        validate_password(form.password, user)
    except ValidationError as fault:
        return str(fault.error_list[0].code or "password_invalid")
    return "" if len(form.password) <= 256 else "password_too_long"


def _taken(slug: str) -> Conflict:
    return Conflict(
        "subdomain_taken",
        f"The subdomain {slug} is taken. Nothing was made.",
        params={"slug": slug, "suggestion": suggest(slug)},
    )


def _enter(form: SignUpForm, founder: Founder) -> SignUp:
    """Reserve key and subdomain, then found the workspace in a spare schema or leave it to a worker.

    One transaction.
    """
    entry = SignUp(key=form.key, slug=form.slug, form_digest=_form_digest(form), form="")
    try:
        # A second submit of the same key waits here until the first one has committed or given up.
        with transaction.atomic():
            entry.save()
    except IntegrityError as fault:
        raise _CameTwice from fault
    try:
        with transaction.atomic():
            workspace = Workspace.objects.create(
                schema_name=_schema_for(form.slug),
                name=form.company.strip(),
                slug=form.slug,
                locale=form.locale,
                timezone=form.timezone,
                plan_code=form.plan,
                owner_email=founder.email,
                terms_accepted_at=clock.now(),
            )
    except IntegrityError as fault:
        raise _taken(form.slug) from fault
    entry.workspace = workspace
    if claim_spare(workspace.schema_name):
        _settle(entry, workspace, founder)
    else:
        entry.form = seal(orjson.dumps(asdict(founder)).decode(), field=SEALED_FIELD, row=str(entry.key))
        entry.save(update_fields=["form", "workspace", "updated_at"])
        _later("finish_sign_up", entry.pk)
    _later("refill_spares")
    look_after_soon()
    return entry


def _later(task: str, *args: int) -> None:
    from tenants.workspaces import tasks

    enqueue(getattr(tasks, task), *args)


def _schema_for(slug: str) -> str:
    schema = "t_" + slug.replace("-", "_")
    number = 1
    while Workspace.objects.filter(schema_name=schema).exists():  # That of a workspace which has another subdomain now.
        number += 1
        schema = f"t_{slug.replace('-', '_')}_{number}"
    return schema


def _settle(entry: SignUp, workspace: Workspace, founder: Founder) -> None:
    """Write the first rows into the workspace, whose schema stands, and mark the sign-up as ready."""
    owner = found_workspace(workspace=workspace, founder=founder)
    now = clock.now()
    entry.state, entry.form, entry.error, entry.owner_user_id = SignUp.State.READY, "", "", owner.user_id
    entry.ready_at = entry.updated_at = now
    entry.save(update_fields=["state", "form", "error", "owner_user_id", "ready_at", "updated_at", "workspace"])


def found_workspace(*, workspace: Workspace, founder: Founder) -> FoundedOwner:
    """Fill a fresh schema: owner, roles, every app's defaults; start the trial. Inside the caller's transaction."""
    with tenant_scope(workspace.ref):
        actor = Actor.system("sign_up")
        owner = make_owner(founder)
        founding = Founding(
            tenant=workspace.ref,
            company=workspace.name,
            locale=workspace.locale,
            timezone=workspace.timezone,
            currency=workspace.currency,
            owner=owner,
            actor=actor,
        )
        write_defaults(founding)
        data = {"plan": workspace.plan_code, "locale": workspace.locale}
        record_event(events.CREATED, actor=actor, aggregate=("workspace", workspace.pk), data=data)
    enter_state(workspace, Workspace.State.TRIALING, "sign_up")
    begin_trial(workspace.ref, workspace.plan_code)
    forget_workspace(workspace)
    return owner


def finish_sign_up(*, sign_up_id: int) -> SignUp:
    """Make the schema of a waiting sign-up and found its workspace.

    One that another worker is at, or that is ready, is left alone.
    """
    with public_scope():
        for _ in range(5):
            with transaction.atomic():
                entry = (
                    SignUp.objects.select_for_update(skip_locked=True)
                    .filter(pk=sign_up_id, state=SignUp.State.PREPARING)
                    .first()
                )
                if entry is None:
                    return SignUp.objects.get(pk=sign_up_id)
                workspace = Workspace.objects.select_for_update().get(
                    slug=entry.slug, state=Workspace.State.PROVISIONING
                )
                if claim_spare(workspace.schema_name):
                    form = orjson.loads(unseal(entry.form, field=SEALED_FIELD, row=str(entry.key)))
                    _settle(entry, workspace, Founder(**form))
                    return entry
            make_spare()  # Others may be waiting too and take it; then one more is made.
        raise RuntimeError(f"sign-up {sign_up_id} found no schema in five tries")


def note_failure(*, sign_up_id: int, fault: Exception) -> None:
    """Count a failed try of a waiting sign-up; after some of them it is given up, and its subdomain is free again."""
    with public_scope(), transaction.atomic():
        entry = SignUp.objects.select_for_update().filter(pk=sign_up_id, state=SignUp.State.PREPARING).first()
        if entry is None:
            return
        entry.attempts, entry.error, entry.updated_at = entry.attempts + 1, type(fault).__name__, clock.now()
        if entry.attempts >= MAX_ATTEMPTS:
            log.error("sign-up %s is given up after %s tries: %s", entry.pk, entry.attempts, fault)
            workspace, entry.workspace, entry.state = entry.workspace, None, SignUp.State.FAILED
            entry.form = ""
            entry.save()
            if workspace is not None:
                Workspace.objects.filter(pk=workspace.pk).delete()
        else:
            entry.save(update_fields=["attempts", "error", "updated_at"])


def way_in(*, entry: SignUp) -> str | None:
    """Return a fresh address that signs the new owner in, None once one was used or when it is too long ago."""
    with public_scope():
        fresh = (
            entry.state == SignUp.State.READY
            and entry.ready_at is not None
            and clock.now() - entry.ready_at < WAY_IN_FOR
        )
        if not fresh or entry.workspace is None or entry.owner_user_id is None:
            return None
        if entry.hand_overs.filter(used_at__isnull=False).exists():
            return None
        return issue_hand_over(workspace=entry.workspace, user_id=entry.owner_user_id, sign_up=entry)
