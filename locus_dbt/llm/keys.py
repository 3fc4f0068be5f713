"""Where the key of a provider is found: the env file, then the environment, then the keyring. It is never written."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from locus_dbt.core.secrets import hide
from locus_dbt.core.settings import Llm
from locus_dbt.model.errors import RequestError

#: Providers that run on the user's own machine and ask for no key.
_WITHOUT_KEY = ("ollama", "ollama_chat", "lm_studio", "llamafile")

#: Under this name keys lie in the keyring.
SERVICE = "locus_dbt"

_GIT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Key:
    """A key and where it was found. Its text shows in no representation."""

    secret: str
    found_in: str

    def __repr__(self) -> str:
        return f"Key(found_in={self.found_in!r})"


def key_name(llm: Llm) -> str:
    """The variable that holds the key; empty where the server wants none."""
    if llm.key_name is not None:
        return llm.key_name
    return "" if llm.provider in _WITHOUT_KEY else f"{llm.provider.upper()}_API_KEY"


def find_key(llm: Llm, root: Path) -> Key | None:
    """The key, or ``None`` when there is none. Looks at this machine only.

    Raises:
        RequestError: E111 when the env file is tracked by git, E103 when it cannot be read.
    """
    name = key_name(llm)
    if not name:
        return Key("none", "no key is wanted")
    for secret, where in (
        (_from_file(root / llm.env_file, name), str(llm.env_file)),
        (os.environ.get(name), "the environment"),
        (_from_keyring(name), "the keyring"),
    ):
        if secret:
            hide(secret)
            return Key(secret, where)
    return None


def _from_file(path: Path, name: str) -> str | None:
    if not path.is_file():
        return None
    if _tracked(path):
        raise RequestError(
            f"the env file '{path.name}' is tracked by git, so its keys are in the history",
            code="E111",
            fix=f"git rm --cached '{path.name}', add it to .gitignore, and have its keys replaced",
        )
    from dotenv import dotenv_values  # noqa: PLC0415 - only for the full mode

    try:
        return dotenv_values(path, interpolate=False).get(name)
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"the env file '{path.name}' cannot be read: {type(error).__name__}") from error


def _tracked(path: Path) -> bool:
    """Whether git has the file in its index; false where there is no git or no repository."""
    # A repository's own settings may name programs: the monitor is the one that listing files would start.
    command = ["git", "-c", "core.fsmonitor=false", "ls-files", "--error-unmatch", "--", path.name]
    try:
        found = subprocess.run(
            command, cwd=path.parent, capture_output=True, timeout=_GIT_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0


def _from_keyring(name: str) -> str | None:
    """From the system's keyring where the package ``keyring`` is installed; a locked or missing one holds nothing."""
    try:
        import keyring  # noqa: PLC0415 - optional
    except ImportError:
        return None
    try:
        secret: str | None = keyring.get_password(SERVICE, name)
    except Exception:  # noqa: BLE001 - back ends raise what they like
        return None
    return secret
