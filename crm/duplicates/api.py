"""The API of duplicates."""

from typing import Any

from ninja import Query

from crm.duplicates import selectors, services
from crm.duplicates.describing import compare, describe_merges, describe_pairs, describe_requests
from crm.duplicates.models import DuplicateMerge, DuplicatePair, TransferRequest
from crm.duplicates.schemas import (
    CompareIn,
    ComparisonOut,
    DuplicateCheckIn,
    DuplicateCheckOut,
    DuplicateMergeIn,
    DuplicateMergeOut,
    DuplicateRuleOut,
    DuplicateRulePatch,
    JoinIn,
    MergeFilters,
    PairFilters,
    PairOut,
    TransferDecisionIn,
    TransferFilters,
    TransferIn,
    TransferOut,
)
from crm.duplicates.types import Entry, Rule
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter, if_match

router = AppRouter(tag="duplicates")


@router.post("/duplicates/check", permission="duplicate.check", response=DuplicateCheckOut)
def duplicates_check(request: ApiRequest, body: DuplicateCheckIn) -> dict[str, Any]:
    """Tell what of a record is in the base already, whoever owns it; limited, counted and audited."""
    matches = services.check_duplicates(actor=request.actor, kind=body.kind, values=body.values.dict())
    rule = selectors.rule_for(body.kind, Entry.MANUAL)
    return {
        "matches": matches,
        "action": rule.action,
        "sorts": rule.sorts,
        "joins": rule.joins,
        "requests": rule.requests,
    }


@router.post("/duplicates/join", permission="duplicate.check", response={204: None})
def duplicates_join(request: ApiRequest, body: JoinIn) -> tuple[int, None]:
    """Become a collaborator of the record that was met, where the rule lets members join."""
    services.join_record(
        actor=request.actor, kind=body.kind, values=body.values.dict(), record=(body.record_kind, body.record_id)
    )
    return 204, None


@router.post("/transfer-requests", permission="duplicate.check", response={201: TransferOut})
def transfer_requests_create(request: ApiRequest, body: TransferIn) -> tuple[int, TransferRequest]:
    """Ask the owner of the record that was met, and the owner's manager, to be given it."""
    found = services.request_transfer(
        actor=request.actor,
        kind=body.kind,
        values=body.values.dict(),
        record=(body.record_kind, body.record_id),
        reason=body.reason,
    )
    return 201, describe_requests(request.actor, [found])[0]


@router.get("/transfer-requests", permission="duplicate.check", response=Page[TransferOut])
def transfer_requests_list(request: ApiRequest, filters: Query[TransferFilters], page: Query[PageParams]) -> PageResult:
    """List the requests that one made or may answer, newest first."""
    rows = selectors.visible_requests(request.actor)
    rows = rows.filter(state=filters.state) if filters.state else rows
    found = paginate(rows, page, order=("-created_at", "-id"))
    describe_requests(request.actor, found["items"])
    return found


@router.post("/transfer-requests/{transfer_request_id}/decide", permission="duplicate.check", response=TransferOut)
def transfer_requests_decide(
    request: ApiRequest, transfer_request_id: int, body: TransferDecisionIn
) -> TransferRequest:
    """Give the record to whoever asked, or decline."""
    found = services.decide_request(
        actor=request.actor, request_id=transfer_request_id, accept=body.accept, answer=body.answer
    )
    return describe_requests(request.actor, [found])[0]


@router.post("/transfer-requests/{transfer_request_id}/withdraw", permission="duplicate.check", response=TransferOut)
def transfer_requests_withdraw(request: ApiRequest, transfer_request_id: int) -> TransferRequest:
    """Take one's own request back."""
    found = services.withdraw_request(actor=request.actor, request_id=transfer_request_id)
    return describe_requests(request.actor, [found])[0]


@router.get("/duplicate-rules", permission="duplicate.manage", response=list[DuplicateRuleOut])
def duplicate_rules_list(request: ApiRequest) -> list[Rule]:
    """List what happens when a new record is known already, for every kind and entry."""
    return selectors.all_rules()


@router.patch("/duplicate-rules", permission="duplicate.manage", response=DuplicateRuleOut)
def duplicate_rules_update(request: ApiRequest, body: DuplicateRulePatch) -> Rule:
    """Change the rule of a kind and an entry; If-Match with the version refuses a lost update."""
    changes = body.dict(exclude_unset=True, exclude={"kind", "entry"})
    return services.set_rule(
        actor=request.actor, kind=body.kind, entry=body.entry, changes=changes, version=if_match(request)
    )


@router.get("/duplicates", permission="duplicate.read", response=Page[PairOut])
def duplicates_list(request: ApiRequest, filters: Query[PairFilters], page: Query[PageParams]) -> PageResult:
    """List the pairs that may be one, of which one may see both, newest first."""
    rows = selectors.suspected_pairs(request.actor, state=filters.state, kind=filters.kind)
    found = paginate(rows, page, order=("-found_at", "-id"))
    describe_pairs(request.actor, found["items"])
    return found


@router.post("/duplicates/{duplicate_id}/ignore", permission="duplicate.read", response=PairOut)
def duplicates_ignore(request: ApiRequest, duplicate_id: int) -> DuplicatePair:
    """Say that two records are not one."""
    pair = services.ignore_pair(actor=request.actor, pair_id=duplicate_id)
    return describe_pairs(request.actor, [pair])[0]


@router.post("/duplicates/compare", permission="duplicate.check", response=ComparisonOut)
def duplicates_compare(request: ApiRequest, body: CompareIn) -> dict[str, Any]:
    """Return in which fields records differ that are to be made one."""
    return compare(request.actor, body.kind, body.ids)


@router.get("/duplicate-merges", permission="duplicate.check", response=Page[DuplicateMergeOut])
def duplicate_merges_list(request: ApiRequest, filters: Query[MergeFilters], page: Query[PageParams]) -> PageResult:
    """List the merges into records that one may see, newest first; of one record also those that it went away in."""
    rows = selectors.visible_merges(request.actor, kind=filters.kind, record_id=filters.record_id)
    found = paginate(rows, page, order=("-at", "-id"))
    describe_merges(request.actor, found["items"])
    return found


@router.post("/duplicate-merges", permission="duplicate.check", response={201: DuplicateMergeOut})
def duplicate_merges_create(request: ApiRequest, body: DuplicateMergeIn) -> tuple[int, DuplicateMerge]:
    """Make records one; needs `merge` on the kind, for each of them."""
    merge = services.merge_records(
        actor=request.actor,
        kind=body.kind,
        winner_id=body.winner_id,
        loser_ids=body.loser_ids,
        chosen=body.chosen,
    )
    return 201, describe_merges(request.actor, [merge])[0]


@router.post("/duplicate-merges/{duplicate_merge_id}/undo", permission="duplicate.check", response=DuplicateMergeOut)
def duplicate_merges_undo(request: ApiRequest, duplicate_merge_id: int) -> DuplicateMerge:
    """Take a merge back, within 30 days."""
    merge = services.undo_merge(actor=request.actor, merge_id=duplicate_merge_id)
    return describe_merges(request.actor, [merge])[0]
