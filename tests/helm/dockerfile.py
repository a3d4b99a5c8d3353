"""A lint of our own for the image: reads a Dockerfile into instructions and names its breaches."""

import json
import re
from dataclasses import dataclass

MOVING_TAGS = {"", "latest", "stable", "main", "master", "edge", "slim", "alpine"}
SECRET_NAME = re.compile(r"SECRET|PASSWORD|PASSWD|TOKEN|CREDENTIAL|PRIVATE_KEY|API_KEY|SECRET_KEYS?", re.IGNORECASE)
PASSWORD_IN_URL = re.compile(r"://[^/\s:]+:[^/\s@]+@")


@dataclass(frozen=True)
class Instruction:
    """One instruction with its continuation lines joined."""

    line: int
    stage: int
    name: str
    text: str


def parse(source: str) -> list[Instruction]:
    """Split a Dockerfile into instructions, each with the number of its stage."""
    found: list[Instruction] = []
    stage, start, pending = -1, 0, ""
    for number, line in enumerate(source.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        start = start if pending else number
        pending += stripped.removesuffix("\\").rstrip() + " "
        if stripped.endswith("\\"):
            continue
        name, _, text = pending.strip().partition(" ")
        stage += name.upper() == "FROM"
        found.append(Instruction(start, stage, name.upper(), text.strip()))
        pending = ""
    return found


def lint(source: str) -> list[str]:
    """Return every breach, in words."""
    instructions = parse(source)
    return [
        *_bases(instructions),
        *_user(instructions),
        *_secrets(instructions),
        *_commands(instructions),
        *_sources(instructions),
    ]


def _bases(instructions: list[Instruction]) -> list[str]:
    arguments = dict(i.text.split("=", 1) for i in instructions if i.name == "ARG" and "=" in i.text and i.stage == -1)
    breaches, stages = [], set()
    for instruction in instructions:
        if instruction.name != "FROM":
            continue
        image, _, alias = instruction.text.partition(" AS ")
        if image not in stages:
            image = re.sub(r"\$\{(\w+)\}", lambda match: arguments.get(match[1], ""), image)
            tag = image.rpartition("/")[2].partition(":")[2]
            if "@sha256:" not in image and (tag in MOVING_TAGS or not re.search(r"\d+\.\d+", tag)):
                breaches.append(f"line {instruction.line}: {image} is not pinned")
        stages.add(alias)
    if len(stages) < 2:
        breaches.append("the image is built in one stage, so that it carries its compilers")
    return breaches


def _user(instructions: list[Instruction]) -> list[str]:
    last = max(i.stage for i in instructions)
    users = [i for i in instructions if i.name == "USER" and i.stage == last]
    if not users:
        return ["the image runs as root"]
    user = users[-1].text.partition(":")[0]
    if not user.isdigit():
        return [f"line {users[-1].line}: USER {user} is a name; Kubernetes can only check a number"]
    return [f"line {users[-1].line}: the image runs as a system user"] if int(user) < 1000 else []


def _secrets(instructions: list[Instruction]) -> list[str]:
    breaches = []
    for instruction in instructions:
        if PASSWORD_IN_URL.search(instruction.text):
            breaches.append(f"line {instruction.line}: a password in a URL")
        if instruction.name in {"ENV", "ARG"}:
            names = re.findall(r"(?:^|\s)([A-Za-z_]\w*)(?:=|\s|$)", instruction.text)
            breaches += [
                f"line {instruction.line}: {name} would stay in the image" for name in names if SECRET_NAME.search(name)
            ]
        if instruction.name == "RUN":
            names = re.findall(r"(?:^|\s)([A-Z_][A-Z0-9_]*)=", instruction.text)
            breaches += [
                f"line {instruction.line}: {name} would stay in the history"
                for name in names
                if SECRET_NAME.search(name)
            ]
    return breaches


def _commands(instructions: list[Instruction]) -> list[str]:
    breaches = []
    for instruction in instructions:
        if instruction.name in {"CMD", "ENTRYPOINT"}:
            try:
                json.loads(instruction.text)
            except ValueError:
                breaches.append(
                    f"line {instruction.line}: {instruction.name} goes through a shell, which swallows SIGTERM"
                )
        if instruction.name == "RUN" and "apt-get install" in instruction.text:
            if "--no-install-recommends" not in instruction.text:
                breaches.append(f"line {instruction.line}: apt-get brings recommended packages along")
            if "rm -rf /var/lib/apt/lists" not in instruction.text:
                breaches.append(f"line {instruction.line}: the package lists stay in the layer")
        if instruction.name == "RUN" and re.search(r"\b(curl|wget)\b[^|;&]*\|\s*(ba)?sh", instruction.text):
            breaches.append(f"line {instruction.line}: runs a script straight from the network")
        if instruction.name == "RUN" and re.search(r"\bpip install (?!.*==)", instruction.text):
            breaches.append(f"line {instruction.line}: pip installs without a version")
        if (
            instruction.name == "RUN"
            and "uv sync" in instruction.text
            and not {"--frozen", "--no-dev"} <= set(instruction.text.split())
        ):
            breaches.append(f"line {instruction.line}: uv sync must be --frozen and --no-dev")
    return breaches


def _sources(instructions: list[Instruction]) -> list[str]:
    breaches = []
    for instruction in instructions:
        if instruction.name == "ADD":
            breaches.append(f"line {instruction.line}: ADD fetches and unpacks; use COPY")
        if instruction.name == "COPY" and "--from=" not in instruction.text:
            sources = instruction.text.split()[:-1]
            if {".", "./"} & set(sources):
                breaches.append(f"line {instruction.line}: copies the whole context")
            breaches += [
                f"line {instruction.line}: copies {source}"
                for source in sources
                if source.strip("./").partition("/")[0] in {"tests", "var", ".git"}
            ]
    return breaches
