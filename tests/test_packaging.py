# SPDX-License-Identifier: Apache-2.0
"""What an installation contains: each test is named after the mistake that it would catch."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("transports", "host_services", "libc_facade", "configs")
TOP_LEVEL = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", ".ci/run")


def repository() -> set[str]:
    """Give the files that belong to the project: tracked, or new and not ignored."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no list of files to compare with")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60).stdout
    return {name for name in listing.split("\0") if name and (ROOT / name).is_file()}


def belongs_in_wheel(name: str) -> str | None:
    """Give the path that a file of the repository has in the wheel, or None."""
    top, _, below = name.partition("/")
    if top not in ("hostcall", *FOLDERS):
        return None
    facade = ("libc_facade/include/", "libc_facade/libc/", "libc_facade/src/")
    data = name == "hostcall/py.typed" or name.startswith(facade)
    data = data or (top == "configs" and "/" not in below and below.endswith(".toml"))
    # Builders of the extension are modules too; they are of no use without the C sources, and harmless.
    if not data and not name.endswith((".py", ".pyi")):
        return None
    return name if top == "hostcall" else f"hostcall/{name}"


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Build the source archive from a copy of the checkout, and the wheel from that archive, without the network."""
    files = repository()
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("dist")
    for name in files:
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    build = "import sys, setuptools.build_meta as b; print(getattr(b, sys.argv[1])(sys.argv[2]))"
    # Deprecations of the build tools are theirs; a failure of the build is ours.
    environ = {**os.environ, "PYTHONWARNINGS": "default"}

    def run(hook: str, where: Path) -> Path:
        done = subprocess.run(
            [sys.executable, "-c", build, hook, str(out)],
            cwd=where,
            env=environ,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return out / done.stdout.split()[-1]

    sdist = run("build_sdist", copy)
    unpacked = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["tar", "-xf", sdist, "-C", unpacked], check=True, timeout=60)
    (tree,) = unpacked.iterdir()
    return sdist, run("build_wheel", tree)


@pytest.mark.slow
def test_the_wheel_lacks_a_file_or_has_one_too_many(archives: tuple[Path, Path]) -> None:
    wanted = {path for name in repository() if (path := belongs_in_wheel(name))}
    names = {name for name in zipfile.ZipFile(archives[1]).namelist() if not name.endswith("/")}
    extension = {name for name in names if re.fullmatch(r"hostcall/_native\.abi3\.so", name)}
    assert extension, "the extension is missing, or is not built for the stable ABI"
    assert {name for name in names - extension if ".dist-info/" not in name} == wanted


@pytest.mark.slow
def test_the_wheel_fits_one_python_version_only(archives: tuple[Path, Path]) -> None:
    assert re.fullmatch(r"hostcall-[0-9.]+-cp310-abi3-linux_\w+\.whl", archives[1].name)
    names = zipfile.ZipFile(archives[1]).namelist()
    assert any(PurePosixPath(name).name == "LICENSE" for name in names)


@pytest.mark.slow
def test_the_source_archive_lacks_a_file(archives: tuple[Path, Path]) -> None:
    with tarfile.open(archives[0]) as archive:
        inside = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    folders = ("hostcall", *FOLDERS, "tests", "docs", "examples")
    wanted = {name for name in repository() if name.split("/")[0] in folders or name in TOP_LEVEL}
    assert wanted - inside == set()
    assert not [name for name in inside if name.endswith((".so", ".o", ".pyc"))]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_not_a_package(folder: str) -> None:
    assert importlib.resources.files(f"hostcall.{folder}").is_dir()


def test_data_files_are_not_found_at_run_time() -> None:
    assert importlib.resources.files("hostcall.configs").joinpath("auto.toml").is_file()
    assert importlib.resources.files("hostcall.libc_facade").joinpath("include/hc/platform.h").is_file()
    assert importlib.resources.files("hostcall").joinpath("py.typed").is_file()


def test_the_command_is_not_installed() -> None:
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name="hostcall-bench")
    assert callable(entry.load())


def test_the_bare_import_needs_an_optional_package() -> None:
    code = (
        "import sys\n"
        "for name in ('pyopencl', 'cuda', 'matplotlib'): sys.modules[name] = None\n"
        "import hostcall, hostcall.config, hostcall.errors\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd="/", check=True, timeout=120)


def test_the_license_text_is_cut() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
