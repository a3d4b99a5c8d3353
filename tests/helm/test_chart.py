"""The chart, through the real helm and the Kubernetes schemas: it lints, renders, validates and holds every policy."""

import tarfile
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from tests.helm import policy
from tests.helm.tools import CHART, MATRIX, Helm, Manifest, values_file

# The oldest release that the chart names, one in the middle, and the newest that the validator knows.
KUBERNETES = ("1.27", "1.31", kubernetes_validate.latest_version())


@pytest.mark.parametrize("row", MATRIX)
def test_lints_strictly(helm: Helm, row: str) -> None:
    done = helm.lint(values_file(row))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[WARNING]" not in done.stdout


@pytest.mark.parametrize("row", MATRIX)
@pytest.mark.parametrize("version", KUBERNETES)
def test_every_object_is_valid_kubernetes(helm: Helm, row: str, version: str) -> None:
    manifests = helm.render(values_file(row))
    assert len(manifests) >= 14
    for manifest in manifests:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_validation_refuses_an_unknown_field(helm: Helm) -> None:
    deployment = policy.of_kind(helm.render(values_file("minimal")), "Deployment")[0]
    deployment["spec"]["replica"] = 3
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(deployment, KUBERNETES[-1], strict=True)


@pytest.mark.parametrize("row", MATRIX)
@pytest.mark.parametrize("rule", policy.RULES, ids=lambda rule: rule.__name__)
def test_policy(helm: Helm, row: str, rule: policy.Rule) -> None:
    assert rule(helm.render(values_file(row))) == []


def test_the_roles(helm: Helm) -> None:
    manifests = helm.render(values_file("minimal"))
    commands = {
        policy.component(workload): pod["containers"][0]["command"] for _, workload, pod in policy.pods(manifests)
    }
    assert set(commands) == {"web", "worker", "beat", "relay", "migrate"}
    assert commands["web"][0] == "daphne"
    assert commands["web"][-1] == "guanxi.config.asgi:application"
    assert commands["worker"][:4] == ["celery", "--app", "guanxi.config.worker", "worker"]
    assert commands["beat"][3] == "beat"
    assert commands["relay"] == ["guanxi", "manage", "relay"]


@pytest.mark.parametrize("row", MATRIX)
def test_services_and_autoscalers_point_at_what_exists(helm: Helm, row: str) -> None:
    manifests = helm.render(values_file(row))
    deployments = {deployment["metadata"]["name"]: deployment for deployment in policy.of_kind(manifests, "Deployment")}
    for service in policy.of_kind(manifests, "Service"):
        chosen = [
            deployment
            for deployment in deployments.values()
            if service["spec"]["selector"].items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
        ]
        assert [policy.component(deployment) for deployment in chosen] == ["web"]
        names = {port["name"] for port in chosen[0]["spec"]["template"]["spec"]["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names
    for scaler in policy.of_kind(manifests, "HorizontalPodAutoscaler"):
        assert scaler["spec"]["scaleTargetRef"]["name"] in deployments


def test_ingress_takes_the_base_domain_its_wildcard_and_custom_domains(helm: Helm) -> None:
    (ingress,) = policy.of_kind(helm.render(values_file("production")), "Ingress")
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == [
        "guanxi.example.com",
        "*.guanxi.example.com",
        "crm.teahouse.example.net",
    ]
    assert ingress["spec"]["tls"] == [
        {"hosts": ["guanxi.example.com", "*.guanxi.example.com"], "secretName": "guanxi-wildcard-tls"},
        {"hosts": ["crm.teahouse.example.net"], "secretName": "crm-teahouse-tls"},
    ]


def secret_env(workload: Manifest) -> dict[str, tuple[str, str]]:
    """Return the environment that comes from Secrets: name → (secret, key)."""
    env = workload["spec"]["template"]["spec"]["containers"][0]["env"]
    return {
        variable["name"]: (variable["valueFrom"]["secretKeyRef"]["name"], variable["valueFrom"]["secretKeyRef"]["key"])
        for variable in env
        if "valueFrom" in variable
    }


def test_an_outside_database_and_redis_come_from_the_named_secrets(helm: Helm) -> None:
    manifests = helm.render(values_file("external-database"))
    for _, workload, pod in policy.pods(manifests):
        direct = policy.component(workload) == "migrate"
        found = secret_env(workload)
        assert found["DATABASE_URL"] == ("managed-postgres", "direct-url" if direct else "pooled-url")
        assert found["REDIS_URL"] == ("managed-redis", "uri")
        assert found["GUANXI_SECRET_KEYS"] == ("guanxi", "GUANXI_SECRET_KEYS")
        mounts = {mount["name"]: mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
        assert mounts["database-ca"] == "/etc/guanxi/database"
    ways = [
        way
        for way in policy.of_kind(manifests, "NetworkPolicy")[0]["spec"]["egress"]
        if way["ports"][0]["port"] == 6432
    ]
    assert ways[0]["to"] == [{"ipBlock": {"cidr": "10.20.0.0/28"}}]


def test_uploaded_files_outlive_the_release(helm: Helm) -> None:
    (claim,) = policy.of_kind(helm.render(values_file("minimal")), "PersistentVolumeClaim")
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert not policy.of_kind(helm.render(values_file("external-database")), "PersistentVolumeClaim")


def test_package_holds_the_chart_without_the_matrix(helm: Helm, empty: Path) -> None:
    done = helm.run("package", CHART, "--destination", empty)
    assert done.returncode == 0, done.stderr
    (archive,) = empty.glob("guanxi-*.tgz")
    with tarfile.open(archive) as package:
        names = set(package.getnames())
    assert {"guanxi/Chart.yaml", "guanxi/values.schema.json", "guanxi/templates/web.yaml"} <= names
    assert not [name for name in names if "/ci/" in name]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"baseDomain": ""}, "baseDomain"),
    ({"baseDomain": "https://crm.example.com"}, "baseDomain"),
    ({"baseDomain": "*.example.com"}, "baseDomain"),
    ({"image.tag": "latest"}, "image/tag"),
    ({"image.digest": "9f86d081"}, "image/digest"),
    ({"secrets.existingSecret": ""}, "secrets/existingSecret"),
    ({"database.existingSecret": ""}, "database/existingSecret"),
    ({"database.url": "postgresql://guanxi:secret@db/guanxi"}, "url"),
    ({"redis.existingSecret": ""}, "redis/existingSecret"),
    ({"config.GUANXI_SMTP_PASSWORD": "hunter2"}, "GUANXI_SMTP_PASSWORD"),
    ({"config.GUANXI_SECRET_KEYS": "k1:abc"}, "GUANXI_SECRET_KEYS"),
    ({"config.DATABASE_URL": "postgresql://db"}, "DATABASE_URL"),
    ({"extraSecretEnv": [{"name": "STRIPE_SECRET_KEY", "value": "sk_live"}]}, "extraSecretEnv"),
    ({"mail.existingSecret": "mail"}, "mail/from"),
    ({"web.replicas": 0}, "web/replicas"),
    ({"web.replicas": "two"}, "web/replicas"),
    ({"web.resources.limits": None}, "web/resources"),
    ({"web.resources.requests.memory": "lots"}, "requests/memory"),
    ({"web.podDisruptionBudget.maxUnavailable": 0}, "maxUnavailable"),
    ({"worker.graceSeconds": 28}, "graceSeconds"),
    ({"worker.autoscaling.targetCPU": 100}, "targetCPU"),
    ({"beat.replicas": 2}, "replicas"),
    ({"networkPolicy.ingressFrom": []}, "ingressFrom"),
    ({"runAsUser": 0}, "runAsUser"),
    ({"ingress.customDomains": [{"host": "crm.example.org"}]}, "tlsSecret"),
    ({"wbe": {"replicas": 2}}, "wbe"),
]


@pytest.mark.parametrize(
    ("overrides", "named"), REFUSED, ids=lambda part: next(iter(part)) if isinstance(part, dict) else part
)
def test_schema_refuses(helm: Helm, overrides: dict[str, Any], named: str) -> None:
    done = helm.template(values_file("minimal"), overrides=overrides)
    assert done.returncode != 0, f"rendered with {overrides}"
    assert "schema" in done.stderr
    assert named in done.stderr


def test_without_values_it_says_what_is_missing(helm: Helm) -> None:
    done = helm.template()
    assert done.returncode != 0
    for place in ("baseDomain", "secrets/existingSecret", "database/existingSecret", "redis/existingSecret"):
        assert place in done.stderr
