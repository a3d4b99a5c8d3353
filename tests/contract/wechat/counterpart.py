"""Talk to the npm packages that implement WeChat's cryptography; install them where they are missing."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FOLDER = Path(__file__).parent / "npm"
PACKAGES = ("wechat-crypto", "@wecom/crypto")


def install() -> None:
    """`npm ci` once, also when several test processes start together."""
    with (FOLDER / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = FOLDER / "node_modules" / ".package-lock.json"
        if done.exists() and done.stat().st_mtime >= (FOLDER / "package-lock.json").stat().st_mtime:
            return
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=FOLDER,
            check=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "NODE_ENV": "production"},
        )


class Counterpart:
    """One node process that answers for both packages."""

    def __enter__(self) -> Self:
        install()
        self._process = subprocess.Popen(
            ["node", "--no-deprecation", "counterpart.mjs"],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(10)

    def ask(self, package: str, act: str, **fields: str) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the node process has no pipes")
        stdin.write(json.dumps({"package": package, "act": act, **fields}) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["result"]
