"""The API of pools."""

from typing import Any

from django.http import HttpResponse
from ninja import Query

from crm.pools import selectors, services
from crm.pools.models import Holding, Pool, PoolEntry, RecycleRule
from crm.pools.schemas import (
    BatchOut,
    ClaimIn,
    EntryFilters,
    EntryOut,
    HoldingFilters,
    HoldingOut,
    LockIn,
    MoveFilters,
    MoveOut,
    PoolAssignIn,
    PoolBrief,
    PoolIn,
    PoolKind,
    PoolOut,
    PoolPatch,
    PutIn,
    RecycleRuleIn,
    RecycleRuleOut,
    RehearsalOut,
    RollBackIn,
    UnlockIn,
)
from crm.pools.selectors.masks import maskable
from crm.pools.types import Batch, Terms
from guanxi.access import Actor
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter, if_match, set_etag
from guanxi.jobs import Job
from guanxi.jobs.schemas import JobOut

router = AppRouter(tag="pools")


def _shown(actor: Actor, pools: list[Pool]) -> list[Pool]:
    counts = selectors.counts_of(pools)
    for pool in pools:
        pool.count = counts[pool.pk]  # type: ignore[attr-defined]
        pool.manages = selectors.manages(actor, pool)  # type: ignore[attr-defined]
        pool.room = selectors.room_of(actor, pool)  # type: ignore[attr-defined]
        pool.maskable = list(maskable(pool.kind))  # type: ignore[attr-defined]
    return pools


def _batch(actor: Actor, pool_id: int, batch: Batch) -> dict[str, Any]:
    pool = selectors.access_pool(actor, pool_id)
    return {"done": batch.done, "refused": batch.refused, "room": selectors.room_of(actor, pool)}


@router.get("/pools", permission="pool.read", response=list[PoolBrief])
def pools_list(request: ApiRequest, kind: PoolKind | None = None) -> list[Pool]:
    """List the pools that one may look into, with how much one may still take."""
    return _shown(request.actor, selectors.visible_pools(request.actor, kind=kind or ""))


@router.post("/pools", permission="pool.manage", response={201: PoolOut})
def pools_create(request: ApiRequest, body: PoolIn) -> tuple[int, Pool]:
    """Make a pool."""
    pool = services.create_pool(actor=request.actor, kind=body.kind, values=body.dict(exclude={"kind"}))
    return 201, _shown(request.actor, [pool])[0]


@router.get("/pools/{pool_id}", permission="pool.read", response=PoolOut)
def pools_get(request: ApiRequest, response: HttpResponse, pool_id: int) -> Pool:
    """Return a pool with its settings."""
    return set_etag(response, _shown(request.actor, [selectors.access_pool(request.actor, pool_id)])[0])


@router.patch("/pools/{pool_id}", permission="pool.manage", response=PoolOut)
def pools_update(request: ApiRequest, response: HttpResponse, pool_id: int, body: PoolPatch) -> Pool:
    """Change a pool; If-Match with the version refuses a lost update."""
    changes = body.dict(exclude_unset=True)
    pool = services.update_pool(actor=request.actor, pool_id=pool_id, changes=changes, version=if_match(request))
    return set_etag(response, _shown(request.actor, [pool])[0])


@router.delete("/pools/{pool_id}", permission="pool.manage", response={204: None})
def pools_archive(request: ApiRequest, pool_id: int) -> tuple[int, None]:
    """Take an empty pool out of use; its ledger stays."""
    services.archive_pool(actor=request.actor, pool_id=pool_id)
    return 204, None


@router.get("/pools/{pool_id}/entries", permission="pool.read", response=Page[EntryOut])
def pool_entries_list(
    request: ApiRequest, pool_id: int, filters: Query[EntryFilters], page: Query[PageParams]
) -> PageResult:
    """List what lies in a pool, newest first, masked as the pool says."""
    pool = selectors.access_pool(request.actor, pool_id)
    found = paginate(selectors.find_entries(request.actor, pool, filters.dict()), page, order=("-since", "-id"))
    selectors.describe_entries(request.actor, pool, found["items"])
    return found


@router.post("/pools/{pool_id}/entries/{entry_id}/view", permission="pool.read", response=EntryOut)
def pool_entries_view(request: ApiRequest, pool_id: int, entry_id: int) -> PoolEntry:
    """Look at a record in a pool; it counts towards the day's limit."""
    return services.view_entry(actor=request.actor, pool_id=pool_id, entry_id=entry_id)


@router.post("/pools/{pool_id}/claim", permission="pool.claim", response=BatchOut)
def pools_claim(request: ApiRequest, pool_id: int, body: ClaimIn) -> dict[str, Any]:
    """Take records for oneself; what somebody else got meanwhile is named, a refusal of all of them is an error."""
    done = services.claim_entries(actor=request.actor, pool_id=pool_id, entry_ids=body.entry_ids)
    return _batch(request.actor, pool_id, done)


@router.post("/pools/{pool_id}/assign", permission="pool.manage", response=BatchOut)
def pools_assign(request: ApiRequest, pool_id: int, body: PoolAssignIn) -> dict[str, Any]:
    """Give records of a pool to a member."""
    done = services.assign_entries(
        actor=request.actor, pool_id=pool_id, entry_ids=body.entry_ids, owner_id=body.owner_id
    )
    return _batch(request.actor, pool_id, done)


@router.post("/pools/{pool_id}/records", permission="pool.return", response=BatchOut)
def pools_put(request: ApiRequest, pool_id: int, body: PutIn) -> dict[str, Any]:
    """Give one's own records up to a pool, or put others' there as its manager."""
    done = services.put_records(actor=request.actor, pool_id=pool_id, record_ids=body.record_ids, reason=body.reason)
    return _batch(request.actor, pool_id, done)


@router.get("/pools/{pool_id}/moves", permission="pool.read", response=Page[MoveOut])
def pool_moves_list(
    request: ApiRequest, pool_id: int, filters: Query[MoveFilters], page: Query[PageParams]
) -> PageResult:
    """List the ledger of a pool, newest first; who does not manage the pool sees one's own lines."""
    pool = selectors.access_pool(request.actor, pool_id)
    found = paginate(selectors.ledger(request.actor, pool, filters.dict()), page, order=("-at", "-id"))
    selectors.describe_moves(request.actor, found["items"])
    return found


@router.get("/pool-holdings", permission="pool.read", response=Page[HoldingOut])
def pool_holdings_list(request: ApiRequest, filters: Query[HoldingFilters], page: Query[PageParams]) -> PageResult:
    """List one's records that are due to go back soon, or are protected; `everyones` for all that one may see."""
    rows = selectors.find_holdings(request.actor, state=filters.state, everyones=filters.everyones)
    order = ("due_at", "id") if filters.state == "at_risk" else ("-id",)
    found = paginate(rows, page, order=order)
    selectors.describe_holdings(request.actor, found["items"])
    return found


@router.post("/pool-locks", permission="pool.manage", response=HoldingOut)
def pool_locks_set(request: ApiRequest, body: LockIn) -> Holding | None:
    """Keep a record with its owner, whatever the rules say."""
    services.lock_record(
        actor=request.actor, kind=body.record_kind, record_id=body.record_id, reason=body.reason, until=body.until
    )
    return selectors.holding_of(request.actor, body.record_kind, body.record_id)


@router.post("/pool-locks/release", permission="pool.manage", response=HoldingOut)
def pool_locks_release(request: ApiRequest, body: UnlockIn) -> Holding | None:
    """Open a locked record for the rules again."""
    services.unlock_record(actor=request.actor, kind=body.record_kind, record_id=body.record_id)
    return selectors.holding_of(request.actor, body.record_kind, body.record_id)


@router.get("/pools/{pool_id}/rules", permission="pool.manage", response=list[RecycleRuleOut])
def recycle_rules_list(request: ApiRequest, pool_id: int) -> Any:
    """List the versions of a pool's rule, newest first."""
    return selectors.rules_of(request.actor, pool_id)[:50]


@router.post("/pools/{pool_id}/rules", permission="pool.manage", response={201: RecycleRuleOut})
def recycle_rules_draft(request: ApiRequest, pool_id: int, body: RecycleRuleIn) -> tuple[int, RecycleRule]:
    """Write a new version of a pool's rule."""
    terms = Terms.from_json(body.dict(exclude={"note"}))
    return 201, services.draft_rule(actor=request.actor, pool_id=pool_id, terms=terms, note=body.note)


@router.post("/pools/{pool_id}/rules/roll-back", permission="pool.manage", response=RecycleRuleOut)
def recycle_rules_roll_back(request: ApiRequest, pool_id: int, body: RollBackIn) -> RecycleRule:
    """End the live version; the one before is live again."""
    return services.roll_back_rule(actor=request.actor, pool_id=pool_id, return_records=body.return_records)


@router.post("/pool-rules/{recycle_rule_id}/rehearse", permission="pool.manage", response={201: JobOut})
def recycle_rules_rehearse(request: ApiRequest, recycle_rule_id: int) -> tuple[int, Job]:
    """Replay a version over the last 90 days, as a job."""
    return 201, services.rehearse_rule(actor=request.actor, rule_id=recycle_rule_id)


@router.get("/pool-rules/{recycle_rule_id}/rehearsal", permission="pool.manage", response=RehearsalOut)
def recycle_rules_rehearsal(request: ApiRequest, recycle_rule_id: int) -> dict[str, Any]:
    """Return the last rehearsal of a version."""
    return selectors.rehearsal_of(request.actor, recycle_rule_id)


@router.post("/pool-rules/{recycle_rule_id}/activate", permission="pool.manage", response=RecycleRuleOut)
def recycle_rules_activate(request: ApiRequest, recycle_rule_id: int) -> RecycleRule:
    """Switch a rehearsed version on."""
    return services.activate_rule(actor=request.actor, rule_id=recycle_rule_id)
