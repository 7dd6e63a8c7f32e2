"""Image and compose file fit the program that they carry.

Building and starting them takes a container engine, which continuous integration has; here they are read.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from churchsaas.processes import REALTIME_PATHS, ROOT
from churchsaas.serve import PARTS
from churchsaas.settings.environment import VARIABLES
from tests.deploy.test_house_rules import tracked

NOT_IN_THE_IMAGE = {".ci", ".github", "bench", "deploy", "docs", "tests"}
OURS = ("migrate", "http", "realtime", "worker")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_has_every_directory_that_runs_and_lets_nothing_else_in(dockerfile):
    copied = {line.split()[1] for line in dockerfile if line.startswith("COPY ") and "--from" not in line}
    paths = [path.relative_to(ROOT) for path in tracked("*")]
    directories = {path.parts[0] for path in paths if len(path.parts) > 1}
    assert directories - NOT_IN_THE_IMAGE == copied - {"manage.py", "requirements.txt"}
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == copied


def test_the_image_is_built_in_stages_and_runs_without_root(dockerfile):
    assert len([line for line in dockerfile if line.startswith("FROM ")]) == 2
    last_user = [line for line in dockerfile if line.startswith("USER ")][-1].split()[1]
    assert last_user not in {"root", "0"}
    assert not [line for line in dockerfile if line.startswith(("ENV", "ARG")) and "SECRET" in line]
    entry = next(line for line in dockerfile if line.startswith("ENTRYPOINT"))
    assert entry == 'ENTRYPOINT ["python", "-m", "churchsaas.serve"]'
    assert any(line.startswith("HEALTHCHECK") and "churchsaas.probe" in line for line in dockerfile)


def test_the_image_installs_the_pinned_packages_and_no_server_of_its_own(dockerfile):
    left_out = re.search(r"grep -v '\^([\w-]+)'", "\n".join(dockerfile))
    assert left_out is not None
    pinned = (ROOT / "requirements.txt").read_text()
    assert re.search(rf"^{left_out[1]}==", pinned, re.M), "the left-out package is not in requirements.txt"


def test_compose_starts_every_process_with_settings_that_exist(compose):
    services = compose["services"]
    assert set(OURS) < set(services)
    for name in PARTS:
        assert services[name]["command"][0] == name
    for name in OURS:
        assert set(services[name]["environment"]) <= set(VARIABLES)
    settings = services["http"]["environment"]
    assert settings["DEBUG"] == "off"
    assert settings["TRUSTED_PROXIES"] == "1"
    for secret in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS"):
        assert settings[secret].startswith(f"${{{secret}:?"), "an unset secret has to stop the start"


def test_compose_migrates_first_and_shows_only_the_proxy(compose):
    services = compose["services"]
    for name in PARTS:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    for name, service in services.items():
        assert ":" in service["image"], f"{name} has no version"
    assert services["postgres"]["image"].startswith("postgres:18")
    # Where the image keeps its data since version 18.
    assert services["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]


def test_both_proxies_send_the_same_paths_to_the_realtime_process():
    caddy = (ROOT / "deploy" / "Caddyfile").read_text()
    matcher = re.search(r"@realtime path (.+)", caddy)
    assert matcher is not None
    assert {path.removesuffix("*") for path in matcher[1].split()} == set(REALTIME_PATHS)
    nginx = (ROOT / "deploy" / "nginx.conf").read_text()
    realtime = re.findall(r"location (\S+) \{\s+proxy_pass http://churchsaas_realtime;", nginx)
    assert set(realtime) == set(REALTIME_PATHS)
