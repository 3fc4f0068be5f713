"""The images there are: discovered from folders and entry points, none of them imported to be listed."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from locus_dbt.core.manifest_file import read_manifest
from locus_dbt.model.errors import LocusError, ManifestError, RequestError, did_you_mean
from locus_dbt.model.manifest import Manifest

#: Entry-point group of third-party images: ``name = "package.folder"``, the folder holding ``manifest.yaml``.
GROUP = "locus_dbt.images"

#: Parts of an image's folder that tell or test what it does, and do nothing: they change no result.
_BESIDE = frozenset({"README.md", "REFERENCE.md", "fixtures", "tests"})

_ENGINE_FOLDERS = ("model", "core", "parsers")


@dataclass(frozen=True)
class Image:
    """One image: its manifest, its folder and the dotted name of that folder."""

    manifest: Manifest
    folder: Path
    module: str
    origin: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the folder's code and data and the engine's own code: what a cached result depends on."""
        state = hashlib.sha256(engine_digest().encode())
        for path in sorted(self.folder.rglob("*")):
            inside = path.relative_to(self.folder)
            if path.is_file() and inside.parts[0] not in _BESIDE and "__pycache__" not in inside.parts:
                state.update(inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        return state.hexdigest()

    def function(self, name: str) -> Callable[..., Any]:
        """``extract`` or ``plan`` of ``image.py``; E105 with the install command when a package is missing."""
        for package in self.manifest.requires:
            if importlib.util.find_spec(package) is None:
                extra = self.manifest.extra or package
                raise RequestError(
                    f"image '{self.manifest.name}' needs the package '{package}'",
                    code="E105",
                    fix=f"pip install 'locus-dbt[{extra}]'",
                )
        module = importlib.import_module(f"{self.module}.image")
        function = getattr(module, name, None)
        if not callable(function):
            raise ManifestError(f"{self.module}/image.py has no function '{name}'", code="E002")
        checked: Callable[..., Any] = function
        return checked


@lru_cache(maxsize=1)
def engine_digest() -> str:
    """SHA-256 over the code of model, core and parsers: a changed reader changes every result key."""
    package = Path(__file__).parent.parent
    state = hashlib.sha256()
    for folder in _ENGINE_FOLDERS:
        for path in sorted((package / folder).rglob("*.py")):
            state.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return state.hexdigest()


class Registry:
    """Images by name. Folders that are refused stay known with the reason, so that asking for one explains."""

    def __init__(self, found: Mapping[str, Image], refused: Mapping[str, LocusError]) -> None:
        self._found = dict(sorted(found.items()))
        self.refused = dict(refused)

    def __iter__(self) -> Iterator[Image]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    @property
    def names(self) -> list[str]:
        """All names, sorted."""
        return list(self._found)

    def image(self, name: str) -> Image:
        """The image of this name (hyphens or underscores); E101 with did-you-mean."""
        wanted = name.replace("_", "-")
        if wanted in self._found:
            return self._found[wanted]
        if wanted in self.refused:
            raise self.refused[wanted]
        raise RequestError(
            f"no image named '{name}'{did_you_mean(wanted, self._found)}",
            code="E101",
            fix="list: locus images",
        )


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The process's registry, discovered once; :func:`rediscover` forgets it."""
    found: dict[str, Image] = {}
    refused: dict[str, LocusError] = {}
    for folder, module, origin in _folders():
        try:
            image = load_folder(folder, module=module, origin=origin)
            name = image.manifest.name
            if name in found:
                raise ManifestError(
                    f"two images are named '{name}': {found[name].origin} and {origin}",
                    code="E003",
                    fix="rename one or uninstall its package",
                )
        except LocusError as error:
            refused[folder.name.replace("_", "-")] = error
        else:
            found[name] = image
    return Registry(found, refused)


def rediscover() -> None:
    """Forget what was discovered (after installing an image package in a running process).

    Workers are ended too: they know only what could be imported when they were started.
    """
    from locus_dbt.core.pool import close_pools  # noqa: PLC0415 - listing images needs no pool

    close_pools()
    registry.cache_clear()
    engine_digest.cache_clear()


def load_folder(folder: Path, *, module: str, origin: str) -> Image:
    """One image from its folder, checked; an incomplete one is refused, naming what is missing."""
    missing = [part for part in ("manifest.yaml", "image.py") if not (folder / part).is_file()]
    if missing:
        raise ManifestError(f"image folder '{folder.name}' lacks {' and '.join(missing)}", code="E002")
    manifest = read_manifest(folder / "manifest.yaml")
    if manifest.folder != folder.name:
        raise ManifestError(
            f"{folder.name}/manifest.yaml: name '{manifest.name}' does not match its folder",
            code="E002",
            fix=f"rename the folder to '{manifest.folder}'",
        )
    return Image(manifest, folder, module, origin)


def _folders() -> Iterator[tuple[Path, str, str]]:
    built_in = Path(__file__).parent.parent / "images"
    for folder in sorted(built_in.iterdir()):
        if folder.is_dir() and not folder.name.startswith(("_", ".")):
            yield folder, f"locus_dbt.images.{folder.name}", "locus-dbt"
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        folder = _entry_folder(point)
        yield folder, point.value, point.dist.name if point.dist else point.value


def _entry_folder(point: EntryPoint) -> Path:
    """The folder of an entry point's package, found without importing the image."""
    top, *rest = point.value.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        return Path(point.name)
    return Path(next(iter(spec.submodule_search_locations)), *rest)
