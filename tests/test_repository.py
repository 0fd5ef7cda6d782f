"""What the repository promises about itself: its files, its requirements, and that its pages name what exists."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
APPS = ("clis", "cargo", "notifications")
TOP_LEVEL = {
    ".ci", ".gitattributes", ".github", ".gitignore", ".pre-commit-config.yaml",
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md",
    "manage.py", "pyproject.toml", "requirements-bootstrap.txt", "requirements-dev.txt", "requirements.txt",
    "clis", "cargo", "notifications", "templates", "tests", "docker",
}  # fmt: skip
REQUIREMENT_FILES = ("requirements.txt", "requirements-dev.txt", "requirements-bootstrap.txt")
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md")

# Written in two halves, so that this file does not name what it forbids.
REGISTRIES = [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("deb.debian", "org")]
HOSTS = [f"{name}.{end}" for name, end in REGISTRIES]
MACHINE_PATHS = [f"/{name}/" for name in ("work", "root", "home")]
UNFINISHED = re.compile("|".join(left + right for left, right in [("TO", "DO\\b"), ("FIX", "ME\\b")]))

# Data rather than code: every component of the style page in every state.
SPECIMENS = "cargo/dashboard/specimen.py"
FILE_LINES = 450
FUNCTION_LINES = 60
LARGEST_FILE = 1_500_000


def tracked() -> list[str]:
    """Every file that is, or is about to be, in the repository."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file()]


def text_files() -> Iterator[tuple[str, str]]:
    for name in tracked():
        data = (ROOT / name).read_bytes()
        if b"\0" not in data and not name.startswith("tests/samples/"):
            yield name, data.decode("utf-8", "replace")


def source_files() -> list[str]:
    ours = [name for name in tracked() if name.endswith(".py") and name.split("/")[0] in APPS]
    return [name for name in ours if "/migrations/" not in name and name != SPECIMENS]


def requirements(name: str) -> dict[str, list[str]]:
    """Package -> its lines: the pinned version first, then one line a hash."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (ROOT / name).read_text().splitlines():
        words = line.strip().rstrip("\\").strip()
        if not words or words.startswith("#"):
            continue
        if not line.startswith(" "):
            lines = found.setdefault(re.split(r"==|\[", words)[0], [])
        lines.append(words)
    return found


def makefile_targets() -> dict[str, str]:
    return dict(re.findall(r"^([a-z-]+):.*## (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_nothing_but_what_was_agreed_lies_at_the_top() -> None:
    assert {name.split("/")[0] for name in tracked()} == TOP_LEVEL


def test_no_file_names_a_package_host() -> None:
    offences = [(name, host) for name, text in text_files() for host in HOSTS if host in text]
    assert offences == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    pattern = re.compile(rf"(?<![\w.])(?:{'|'.join(MACHINE_PATHS)})")
    assert [name for name, text in text_files() if pattern.search(text)] == []


def test_nothing_is_left_for_later() -> None:
    assert [name for name, text in text_files() if UNFINISHED.search(text) and name != "LICENSE"] == []


def test_no_file_is_large() -> None:
    assert {name: size for name in tracked() if (size := (ROOT / name).stat().st_size) > LARGEST_FILE} == {}


@pytest.mark.parametrize("name", REQUIREMENT_FILES)
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    for package, (pin, *hashes) in requirements(name).items():
        assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[^ ;]+( ; .+)?", pin), package
        assert hashes, package
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in hashes), package


@pytest.mark.parametrize("name", REQUIREMENT_FILES)
def test_no_requirement_file_holds_an_address(name: str) -> None:
    assert not re.search(r"://|--index|--extra|--find|^-[ef]\b| @ ", (ROOT / name).read_text(), re.MULTILINE)


def test_the_demo_and_the_tests_install_the_same_versions() -> None:
    everything = requirements("requirements-dev.txt")
    for package, lines in requirements("requirements.txt").items():
        assert everything[package][0] == lines[0]


def test_the_pinned_versions_are_those_that_pyproject_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    pinned = requirements("requirements-dev.txt")
    groups = project["dependency-groups"]
    for wanted in map(Requirement, [*project["project"]["dependencies"], *groups["test"], *groups["dev"]]):
        version = pinned[wanted.name.lower()][0].split("==")[1].split(" ")[0]
        assert wanted.specifier.contains(version), f"{wanted} is pinned to {version}"


def test_source_files_stay_short() -> None:
    lengths = {name: (ROOT / name).read_text().count("\n") for name in source_files()}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


def test_functions_stay_short() -> None:
    long = {}
    for name in source_files():
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                lines = node.end_lineno - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{name}:{node.name}"] = lines
    assert long == {}


def test_make_alone_lists_every_target() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == set(makefile_targets())


def test_the_scripts_can_be_run() -> None:
    assert [name for name in (".ci/run", ".ci/install", "manage.py") if not os.access(ROOT / name, os.R_OK)] == []
    assert [name for name in (".ci/run", ".ci/install") if not os.access(ROOT / name, os.X_OK)] == []


@pytest.mark.parametrize("command", ["make demo", "make test", "make run", "make bench", "make faults"])
def test_the_readme_names_the_main_commands(command: str) -> None:
    assert command in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("command", ["decode", "explain", "ingest", "generate", "replay", "rebuild"])
def test_the_readme_shows_each_command(command: str) -> None:
    assert f"manage.py {command}" in (ROOT / "README.md").read_text()
    assert command in get_commands()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    in_code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", in_code, re.MULTILINE)) <= set(makefile_targets())
    assert set(re.findall(r"manage\.py ([a-z_]+)", in_code)) <= set(get_commands())


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_points_to_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text) + re.findall(r'src="([^"]+)"', text)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_example_settings_are_those_that_are_read() -> None:
    read = set()
    of_clis = [f"clis/{name}.py" for name in ("environment", "settings", "settings_notices")]
    for name in (*of_clis, "cargo/management/commands/run.py"):
        read |= set(re.findall(r"[\"'](CLIS_[A-Z_]+)[\"']", (ROOT / name).read_text()))
    settings = (ROOT / "docker/.env.example").read_text()
    example = set(re.findall(r"^#?((?:CLIS|POSTGRES)_[A-Z_]+)=", settings, re.MULTILINE))
    of_compose = {"POSTGRES_PASSWORD", "CLIS_PUBLISH"}
    of_developers = {"CLIS_DEBUG", "CLIS_DEMO", "CLIS_DEMO_MAIL_PORT", "CLIS_DEMO_SMS_PORT", "CLIS_ENV_FILE"}
    assert example - of_compose == read - of_developers


def test_the_image_runs_as_nobody_in_particular_and_installs_by_hash() -> None:
    lines = (ROOT / "docker/Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER ")][-1] == "USER 10001:10001"
    assert [line for line in lines if "pip install" in line and "--require-hashes" not in line] == []
