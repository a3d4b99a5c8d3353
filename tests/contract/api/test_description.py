"""Every operation of the public API answers as described, whatever is sent."""

from pathlib import Path

import pytest

from guanxi.access import known_permissions
from guanxi.tenancy import tenant_scope
from tenants.members.services import create_api_key
from tenants.members.services.api_keys import ONLY_PEOPLE
from tests.bots.channels.web.server import serving
from tests.contract.api.trying import try_all
from tests.isolation.seeding import Word, seed
from tests.people import actor_named
from tests.world import tenant


@pytest.mark.slow
@pytest.mark.committed
def test_the_public_api_keeps_its_description(database: None, tmp_path: Path) -> None:
    alpha = tenant("alpha")
    with tenant_scope(alpha):
        owner = actor_named("owner")
        ids = seed(owner, Word("Quokka", 0))
        held = {f"{kind}.{action}" for kind, actions in known_permissions().items() for action in actions}
        key = create_api_key(
            actor=owner, name="contract", permissions=sorted(held - ONLY_PEOPLE), acts_as_member=True,
            member_id=owner.member_id,
        ).key  # fmt: skip
    parameters = {f"{name}_id": pk for name, pk in ids.items()}
    with serving(tmp_path / "web.log") as served:
        tried = try_all(served.url, key=key, parameters=parameters)
    assert tried.errors == []
    assert len(tried.operations) >= 80, sorted(tried.operations)
    assert tried.failures == {}, "\n\n".join(
        f"{label} {check}: {text}" for (label, check), text in sorted(tried.failures.items())
    )
    assert tried.statuses.get(200, 0) > 100
