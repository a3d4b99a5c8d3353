"""What every rendered release must hold; each rule returns the breaches it found, in words."""

import re
from collections.abc import Callable, Iterator

from guanxi.jobs.celery_settings import TIME_LIMIT
from tests.helm.tools import Manifest

Rule = Callable[[list[Manifest]], list[str]]

SECRET_NAME = re.compile(r"SECRET|PASSWORD|TOKEN|CREDENTIAL|_KEYS?$|_URL$")
# The product's own address is no secret although it ends like a URL that may carry one.
PUBLIC_URLS = {"GUANXI_BASE_URL"}
MOVING_TAGS = {"latest", "stable", "main", "master", "edge", ""}


def of_kind(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    """Return the objects of these kinds."""
    return [manifest for manifest in manifests if manifest["kind"] in kinds]


def component(manifest: Manifest) -> str:
    """Return the role that an object belongs to."""
    return str(manifest["metadata"].get("labels", {}).get("app.kubernetes.io/component", ""))


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest, Manifest]]:
    """Yield (name, workload, pod spec) for everything that runs."""
    for workload in of_kind(manifests, "Deployment", "StatefulSet", "DaemonSet", "Job"):
        yield f"{workload['kind']}/{workload['metadata']['name']}", workload, workload["spec"]["template"]["spec"]


def containers(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest, Manifest]]:
    """Yield (name, workload, container) for every container, those that only initialise included."""
    for name, workload, pod in pods(manifests):
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            yield f"{name}:{container['name']}", workload, container


def probes(manifests: list[Manifest]) -> list[str]:
    """Everything that runs on answers for its start, its life and its readiness."""
    wanted = ("startupProbe", "livenessProbe", "readinessProbe")
    return [
        f"{name} has no {probe}"
        for name, workload, container in containers(manifests)
        if workload["kind"] != "Job"
        for probe in wanted
        if not container.get(probe)
    ]


def web_probes(manifests: list[Manifest]) -> list[str]:
    """Web is alive without the database and ready only with it; both ask with a host that the product knows."""
    breaches = []
    for name, workload, container in containers(manifests):
        if component(workload) != "web":
            continue
        for probe, path in (("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
            request = container.get(probe, {}).get("httpGet", {})
            if request.get("path") != path:
                breaches.append(f"{name} {probe} does not ask {path}")
            if not any(header["name"] == "Host" and header["value"] for header in request.get("httpHeaders", [])):
                breaches.append(f"{name} {probe} names no host")
    return breaches


def resources(manifests: list[Manifest]) -> list[str]:
    """A pod says what it needs, and no pod can eat a node's memory."""
    breaches = []
    for name, _, container in containers(manifests):
        declared = container.get("resources", {})
        breaches += [
            f"{name} requests no {kind}" for kind in ("cpu", "memory") if kind not in declared.get("requests", {})
        ]
        if "memory" not in declared.get("limits", {}):
            breaches.append(f"{name} has no memory limit")
    return breaches


def confinement(manifests: list[Manifest]) -> list[str]:
    """Not root, no writable root, no capability, the runtime's seccomp profile, no token of the cluster."""
    breaches = []
    for name, _, pod in pods(manifests):
        context = pod.get("securityContext", {})
        if not context.get("runAsNonRoot") or context.get("runAsUser", 0) < 1000:
            breaches.append(f"{name} may run as root")
        if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            breaches.append(f"{name} has no seccomp profile")
        if pod.get("automountServiceAccountToken") is not False:
            breaches.append(f"{name} carries a token of the cluster")
        breaches += [f"{name} uses the node's {key}" for key in ("hostNetwork", "hostPID", "hostIPC") if pod.get(key)]
        breaches += [f"{name} mounts a path of the node" for volume in pod.get("volumes", []) if "hostPath" in volume]
    for name, _, container in containers(manifests):
        context = container.get("securityContext", {})
        if context.get("readOnlyRootFilesystem") is not True:
            breaches.append(f"{name} can write its root")
        if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
            breaches.append(f"{name} can gain privileges")
        capabilities = context.get("capabilities", {})
        if capabilities.get("drop") != ["ALL"] or capabilities.get("add"):
            breaches.append(f"{name} keeps capabilities")
    return breaches


def images(manifests: list[Manifest]) -> list[str]:
    """An image is pinned by a tag that does not move, or by a digest."""
    breaches = []
    for name, _, container in containers(manifests):
        image = container["image"]
        if re.search(r"@sha256:[0-9a-f]{64}$", image):
            continue
        tag = image.rpartition("/")[2].partition(":")[2]
        if tag in MOVING_TAGS:
            breaches.append(f"{name} runs {image}, which moves")
    return breaches


def secrets_by_reference(manifests: list[Manifest]) -> list[str]:
    """No secret value stands in a release, neither in the environment nor as an object."""
    breaches = [
        f"{manifest['metadata']['name']} is a Secret in the release" for manifest in of_kind(manifests, "Secret")
    ]
    for name, _, container in containers(manifests):
        for variable in container.get("env", []):
            if (
                variable["name"] not in PUBLIC_URLS
                and SECRET_NAME.search(variable["name"])
                and "secretKeyRef" not in variable.get("valueFrom", {})
            ):
                breaches.append(f"{name} has {variable['name']} by value")
            if re.search(r"://[^/\s:]+:[^/\s@]+@", str(variable.get("value", ""))):
                breaches.append(f"{name} has a password in {variable['name']}")
    return breaches


def disruption(manifests: list[Manifest]) -> list[str]:
    """What runs more than once is never drained all at once, and a budget never blocks a drain."""
    budgets = {
        str(sorted(budget["spec"]["selector"]["matchLabels"].items())): budget
        for budget in of_kind(manifests, "PodDisruptionBudget")
    }
    scaled = {scaler["spec"]["scaleTargetRef"]["name"] for scaler in of_kind(manifests, "HorizontalPodAutoscaler")}
    breaches = []
    for deployment in of_kind(manifests, "Deployment"):
        name = deployment["metadata"]["name"]
        if name not in scaled and deployment["spec"].get("replicas", 1) < 2:
            continue
        budget = budgets.get(str(sorted(deployment["spec"]["selector"]["matchLabels"].items())))
        if budget is None:
            breaches.append(f"{name} has no disruption budget")
        elif budget["spec"].get("maxUnavailable") in (None, 0, "0%"):
            breaches.append(f"{name}'s budget blocks every drain")
    return breaches


def network(manifests: list[Manifest]) -> list[str]:
    """Every pod is under a policy for both directions, and only web may be reached."""
    policies = of_kind(manifests, "NetworkPolicy")
    breaches = []
    for name, workload, _ in pods(manifests):
        labels = workload["spec"]["template"]["metadata"]["labels"]
        over = [
            policy["spec"]
            for policy in policies
            if policy["spec"]["podSelector"].get("matchLabels", {}).items() <= labels.items()
        ]
        covered = {direction for policy in over for direction in policy["policyTypes"]}
        breaches += [
            f"{name} has no policy for {direction}" for direction in ("Ingress", "Egress") if direction not in covered
        ]
        entrances = [entrance for policy in over for entrance in policy.get("ingress", [])]
        if entrances and component(workload) != "web":
            breaches.append(f"{name} can be reached")
        breaches += [f"{name} is open to everyone" for entrance in entrances if not entrance.get("from")]
        for way in (way for policy in over for way in policy.get("egress", [])):
            open_web = any(port.get("port") in (80, 443) for port in way.get("ports", []))
            blocks = [peer["ipBlock"] for peer in way.get("to", []) if "ipBlock" in peer]
            if open_web and not any("169.254.0.0/16" in block.get("except", []) for block in blocks):
                breaches.append(f"{name} can reach the cloud's metadata")
    return breaches


def grace(manifests: list[Manifest]) -> list[str]:
    """A worker is given more time to stop than its longest ordinary task may take."""
    return [
        f"{name} is killed before its longest task ends"
        for name, workload, pod in pods(manifests)
        if component(workload) == "worker" and pod.get("terminationGracePeriodSeconds", 30) < TIME_LIMIT + 15
    ]


def one_beat(manifests: list[Manifest]) -> list[str]:
    """Exactly one beat runs, also while a release changes."""
    return [
        f"{deployment['metadata']['name']} may run twice"
        for deployment in of_kind(manifests, "Deployment")
        if component(deployment) == "beat"
        and (
            deployment["spec"].get("replicas") != 1 or deployment["spec"].get("strategy", {}).get("type") != "Recreate"
        )
    ]


def migration_first(manifests: list[Manifest]) -> list[str]:
    """Migrations run once, before the new version starts, under an account that exists by then."""
    jobs = [job for job in of_kind(manifests, "Job") if component(job) == "migrate"]
    if len(jobs) != 1:
        return [f"{len(jobs)} migration jobs instead of one"]
    hooks = {
        name: manifest["metadata"].get("annotations", {}).get("helm.sh/hook") for name, manifest in _named(manifests)
    }
    account = jobs[0]["spec"]["template"]["spec"]["serviceAccountName"]
    breaches = []
    if hooks[f"Job/{jobs[0]['metadata']['name']}"] != "pre-install,pre-upgrade":
        breaches.append("the migration job does not run before install and upgrade")
    if hooks.get(f"ServiceAccount/{account}") != "pre-install,pre-upgrade":
        breaches.append("the migration job's account does not exist when the job runs")
    return breaches


def replicas_have_one_owner(manifests: list[Manifest]) -> list[str]:
    """Where an autoscaler counts the pods, the deployment does not."""
    scaled = {scaler["spec"]["scaleTargetRef"]["name"] for scaler in of_kind(manifests, "HorizontalPodAutoscaler")}
    return [
        f"{deployment['metadata']['name']} fights its autoscaler"
        for deployment in of_kind(manifests, "Deployment")
        if deployment["metadata"]["name"] in scaled and "replicas" in deployment["spec"]
    ]


def _named(manifests: list[Manifest]) -> list[tuple[str, Manifest]]:
    return [(f"{manifest['kind']}/{manifest['metadata']['name']}", manifest) for manifest in manifests]


RULES: tuple[Rule, ...] = (
    probes,
    web_probes,
    resources,
    confinement,
    images,
    secrets_by_reference,
    disruption,
    network,
    grace,
    one_beat,
    migration_first,
    replicas_have_one_owner,
)
