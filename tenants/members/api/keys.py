"""API keys."""

from ninja import Query

from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter
from tenants.members import selectors, services
from tenants.members.presenting import api_key_out
from tenants.members.schemas import ApiKeyIn, ApiKeyOut, NewApiKeyOut, Status
from tenants.members.types import NewApiKey

router = AppRouter(tag="api keys")
NO_KEYS_BY_KEY = "a key must not make or end keys"


@router.get("/api-keys", permission="api_key.read", response=Page[ApiKeyOut], private=NO_KEYS_BY_KEY)
def api_keys_list(request: ApiRequest, page: Query[PageParams]) -> PageResult:
    """List keys, newest first."""
    result = paginate(selectors.visible_api_keys(request.actor), page)
    return {"items": [api_key_out(key) for key in result["items"]], "next": result["next"]}


@router.post("/api-keys", permission="api_key.manage", response={201: NewApiKeyOut}, private=NO_KEYS_BY_KEY)
def api_keys_create(request: ApiRequest, body: ApiKeyIn) -> Status[NewApiKey]:
    """Make a key; it is shown this once."""
    new = services.create_api_key(
        actor=request.actor,
        name=body.name,
        permissions=body.permissions,
        acts_as_member=body.acts_as_me,
        member_id=request.actor.member_id,
        expires_at=body.expires_at,
    )
    return Status(201, new)


@router.delete("/api-keys/{int:key_id}", permission="api_key.manage", response={204: None}, private=NO_KEYS_BY_KEY)
def api_keys_revoke(request: ApiRequest, key_id: int) -> Status[None]:
    """End a key at once."""
    services.revoke_api_key(actor=request.actor, key_id=key_id)
    return Status(204, None)
