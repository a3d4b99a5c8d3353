"""Each policy seen to fail: a rendered release is spoilt in one place, and the rule must name it."""

import copy
from collections.abc import Callable

import pytest

from tests.helm import policy
from tests.helm.tools import Helm, Manifest, values_file

Spoil = Callable[[list[Manifest]], None]


def role(manifests: list[Manifest], name: str, kind: str = "Deployment") -> Manifest:
    """Return the object of a kind that carries this role."""
    return next(manifest for manifest in policy.of_kind(manifests, kind) if policy.component(manifest) == name)


def pod(manifests: list[Manifest], name: str) -> Manifest:
    """Return the pod of a role."""
    spec: Manifest = role(manifests, name)["spec"]["template"]["spec"]
    return spec


def container(manifests: list[Manifest], name: str) -> Manifest:
    """Return the container of a role."""
    first: Manifest = pod(manifests, name)["containers"][0]
    return first


def remove(manifests: list[Manifest], kind: str) -> None:
    """Take away every object of a kind."""
    manifests[:] = [manifest for manifest in manifests if manifest["kind"] != kind]


SPOILT: list[tuple[policy.Rule, str, Spoil]] = [
    (policy.probes, "no livenessProbe", lambda m: container(m, "relay").pop("livenessProbe")),
    (policy.probes, "no startupProbe", lambda m: container(m, "web").pop("startupProbe")),
    (
        policy.web_probes,
        "does not ask /readyz",
        lambda m: container(m, "web")["readinessProbe"]["httpGet"].update(path="/livez"),
    ),
    (policy.web_probes, "names no host", lambda m: container(m, "web")["livenessProbe"]["httpGet"].pop("httpHeaders")),
    (policy.resources, "no memory limit", lambda m: container(m, "beat")["resources"].pop("limits")),
    (policy.resources, "requests no cpu", lambda m: container(m, "beat")["resources"]["requests"].pop("cpu")),
    (policy.confinement, "may run as root", lambda m: pod(m, "web")["securityContext"].update(runAsUser=0)),
    (policy.confinement, "no seccomp", lambda m: pod(m, "web")["securityContext"].pop("seccompProfile")),
    (policy.confinement, "token of the cluster", lambda m: pod(m, "web").pop("automountServiceAccountToken")),
    (policy.confinement, "the node's hostNetwork", lambda m: pod(m, "web").update(hostNetwork=True)),
    (
        policy.confinement,
        "path of the node",
        lambda m: pod(m, "web")["volumes"].append({"name": "h", "hostPath": {"path": "/"}}),
    ),
    (
        policy.confinement,
        "write its root",
        lambda m: container(m, "web")["securityContext"].update(readOnlyRootFilesystem=False),
    ),
    (
        policy.confinement,
        "gain privileges",
        lambda m: container(m, "web")["securityContext"].pop("allowPrivilegeEscalation"),
    ),
    (
        policy.confinement,
        "keeps capabilities",
        lambda m: container(m, "web")["securityContext"]["capabilities"].update(add=["NET_RAW"]),
    ),
    (policy.images, "which moves", lambda m: container(m, "worker").update(image="guanxi:latest")),
    (policy.images, "which moves", lambda m: container(m, "worker").update(image="registry.example.com:5000/guanxi")),
    (
        policy.secrets_by_reference,
        "by value",
        lambda m: container(m, "web")["env"].append({"name": "STRIPE_SECRET_KEY", "value": "sk"}),
    ),
    (
        policy.secrets_by_reference,
        "DATABASE_URL by value",
        lambda m: container(m, "web")["env"].append({"name": "DATABASE_URL", "value": "x"}),
    ),
    (
        policy.secrets_by_reference,
        "a password in",
        lambda m: container(m, "web")["env"].append({"name": "X", "value": "redis://a:b@c"}),
    ),
    (policy.secrets_by_reference, "is a Secret", lambda m: m.append({"kind": "Secret", "metadata": {"name": "s"}})),
    (policy.disruption, "no disruption budget", lambda m: remove(m, "PodDisruptionBudget")),
    (
        policy.disruption,
        "blocks every drain",
        lambda m: role(m, "web", "PodDisruptionBudget")["spec"].update(maxUnavailable=0),
    ),
    (policy.network, "no policy for Egress", lambda m: remove(m, "NetworkPolicy")),
    (policy.network, "open to everyone", lambda m: role(m, "web", "NetworkPolicy")["spec"]["ingress"][0].pop("from")),
    (policy.network, "can be reached", lambda m: role(m, "", "NetworkPolicy")["spec"].update(ingress=[{"from": [{}]}])),
    (policy.network, "cloud's metadata", lambda m: role(m, "", "NetworkPolicy")["spec"]["egress"][-1].pop("to")),
    (policy.grace, "killed before", lambda m: pod(m, "worker").update(terminationGracePeriodSeconds=30)),
    (policy.grace, "killed before", lambda m: pod(m, "worker").pop("terminationGracePeriodSeconds")),
    (policy.one_beat, "may run twice", lambda m: role(m, "beat")["spec"].update(replicas=2)),
    (policy.one_beat, "may run twice", lambda m: role(m, "beat")["spec"].pop("strategy")),
    (policy.migration_first, "0 migration jobs", lambda m: remove(m, "Job")),
    (policy.migration_first, "before install", lambda m: role(m, "migrate", "Job")["metadata"].pop("annotations")),
    (policy.migration_first, "account does not exist", lambda m: remove(m, "ServiceAccount")),
    (policy.replicas_have_one_owner, "fights", lambda m: role(m, "web")["spec"].update(replicas=2)),
]


@pytest.fixture(scope="module")
def rendered(helm: Helm) -> list[Manifest]:
    """A clean release with everything in it."""
    return helm.render(values_file("autoscale"))


@pytest.mark.parametrize(
    ("rule", "words", "spoil"), SPOILT, ids=[f"{rule.__name__}-{number}" for number, (rule, _, _) in enumerate(SPOILT)]
)
def test_the_rule_catches(rendered: list[Manifest], rule: policy.Rule, words: str, spoil: Spoil) -> None:
    manifests = copy.deepcopy(rendered)
    assert rule(manifests) == []
    spoil(manifests)
    assert any(words in breach for breach in rule(manifests)), rule(manifests)


def test_every_rule_has_been_seen_to_fail() -> None:
    assert {rule for rule, _, _ in SPOILT} == set(policy.RULES)
