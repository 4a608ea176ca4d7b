"""Weights are fetched whole and checked, or not at all; damaged ones are refused wherever they are asked for."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import build
from creatorlens.errors import InputError, NotFoundError, NotReadyError
from creatorlens.settings import Settings
from features.absent import Absent
from features.weights.catalogue import File, Weight, catalogue, find, wanted
from features.weights.models import Models
from features.weights.pulling import pull, pull_from
from features.weights.standings import standings
from features.weights.verifying import Checksums, checksums, damage

BYTES = bytes(range(256)) * 4096


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def weight(server_url: str, data: bytes = BYTES, said: str | None = None, name: str = "nose") -> Weight:
    return Weight(
        name=name, modality="image", task="noses", source=server_url, revision="1", licence="MIT",
        without="noses are not found",
        files=(
            File("nose.onnx", len(data), said or sha(data), f"{server_url}/nose.onnx"),
            File("names.txt", 4, sha(b"nose"), content=b"nose"),
        ),
    )  # fmt: skip


def left(settings: Settings) -> list[str]:
    """What stands under home/weights, the memory of checksums aside."""
    home = settings.home / "weights"
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.name != ".checked.json")


# --- the catalogue ---


def test_every_entry_says_what_the_issue_asks() -> None:
    names = [one.name for one in catalogue()]
    assert len(names) == len(set(names))
    for one in catalogue():
        assert one.source.startswith("https://")
        assert one.revision
        assert one.licence
        assert one.bytes > 0
        assert one.without or not one.usual
        assert one.published or one.note
        for file in one.files:
            assert len(file.sha256) == 64
            assert file.content is None or (sha(file.content), len(file.content)) == (file.sha256, file.size)


def test_what_was_trained_on_non_commercial_data_is_marked() -> None:
    emotion = find("speech_emotion_conv1d")
    assert emotion is not None
    assert emotion.non_commercial


def test_whisper_has_the_checksums_its_package_has() -> None:
    spec = importlib.util.find_spec("whisper")  # read, not imported: that takes ten seconds
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text())
    models = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_MODELS"
    )
    assert len(models) >= 12
    for size, url in models.items():
        if size in ("large", "turbo"):  # other names of large-v3 and large-v3-turbo
            continue
        entry = find(f"whisper_{size}")
        assert entry is not None
        assert [(file.url, file.sha256) for file in entry.files] == [(url, url.split("/")[-2])]


def test_the_small_real_weights_are_the_ones_the_catalogue_means(
    shared_weights: Path, tmp_path: Path
) -> None:
    sums = Checksums(tmp_path / "none" / "memory.json")
    there = {entry.name: damage(shared_weights / entry.name, entry, sums) for entry in catalogue() if (shared_weights / entry.name).is_dir()}  # fmt: skip
    assert len(there) >= 14
    assert set(there.values()) == {None}


def test_an_unknown_name_is_told_with_its_neighbours() -> None:
    with pytest.raises(NotFoundError, match="yunet"):
        wanted("yunt")
    assert wanted("somebody/else").from_hub


# --- pulling ---


def test_pulled_once_checked_and_then_there(server, settings: Settings) -> None:
    server.files["/nose.onnx"] = BYTES
    heard: list[tuple[str, int, int]] = []
    first = pull(weight(server.address), settings, lambda *what: heard.append(what))
    assert first.fetched
    assert (first.folder / "nose.onnx").read_bytes() == BYTES
    assert heard[-1] == ("nose.onnx", len(BYTES), len(BYTES))
    assert left(settings) == ["nose", "nose/names.txt", "nose/nose.onnx", "nose/weights.json"]
    assert not pull(weight(server.address), settings).fetched
    assert len(server.asked) == 1


def test_a_wrong_checksum_is_an_error_and_nothing_is_left(server, settings: Settings) -> None:
    server.files["/nose.onnx"] = b"x" + BYTES[1:]
    with pytest.raises(InputError, match=f"instead of {sha(BYTES)}"):
        pull(weight(server.address), settings)
    assert left(settings) == []


def test_more_bytes_than_promised_do_not_fill_the_disk(server, settings: Settings) -> None:
    server.files["/nose.onnx"] = BYTES * 40
    with pytest.raises(InputError, match="nothing of it was kept"):
        pull(weight(server.address), settings)
    assert left(settings) == []


def test_an_interrupted_download_goes_on_where_it_was(server, settings: Settings) -> None:
    server.files["/nose.onnx"] = BYTES
    server.cut["/nose.onnx"] = 300_000
    with pytest.raises(NotReadyError, match="pull again to go on"):
        pull(weight(server.address), settings)
    assert "nose" not in left(settings)
    assert isinstance(Models(settings).folder("nose"), Absent)
    pull(weight(server.address), settings)
    resumed = int(str(server.asked[-1][1]).removeprefix("bytes=").rstrip("-"))
    assert 0 < resumed <= 300_000
    assert left(settings) == ["nose", "nose/names.txt", "nose/nose.onnx", "nose/weights.json"]


def test_a_part_of_other_bytes_is_thrown_away_and_fetched_anew(server, settings: Settings) -> None:
    server.files["/nose.onnx"] = BYTES
    place = settings.home / "weights" / ".pulling" / "nose"
    place.mkdir(parents=True)
    (place / "nose.onnx.part").write_bytes(b"other" * 1000)
    assert (pull(weight(server.address), settings).folder / "nose.onnx").read_bytes() == BYTES


def test_without_a_network_it_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(NotReadyError, match="creatorlens weights pull nose --from FOLDER"):
        pull(weight("http://127.0.0.1:9"), settings)
    assert left(settings) == []


def test_what_is_published_nowhere_is_told_to_come_from_a_folder(settings: Settings) -> None:
    entry = find("nsfw_mobilenet_v2")
    assert entry is not None
    with pytest.raises(InputError, match="--from FOLDER"):
        pull(entry, settings)


def test_a_damaged_folder_is_replaced(server, settings: Settings) -> None:
    server.files["/nose.onnx"] = BYTES
    folder = pull(weight(server.address), settings).folder
    (folder / "nose.onnx").write_bytes(BYTES[:-1] + b"x")
    again = pull(weight(server.address), settings)
    assert again.fetched
    assert (folder / "nose.onnx").read_bytes() == BYTES


def test_from_a_folder_with_the_same_checks(shared_weights: Path, settings: Settings, tmp_path: Path) -> None:
    entry = find("yunet")
    assert entry is not None
    folder = pull_from(shared_weights, entry, settings).folder
    assert folder == settings.home / "weights" / "yunet"
    assert Models(settings).folder("yunet") == folder
    other = tmp_path / "other"
    shutil.copytree(shared_weights / "lid176", other)
    model = other / "lid.176.ftz"
    model.chmod(0o644)
    model.write_bytes(model.read_bytes()[:-1] + b"?")
    entry = find("lid176")
    assert entry is not None
    with pytest.raises(InputError, match=r"lid\.176\.ftz has sha256"):
        pull_from(other, entry, settings)
    with pytest.raises(InputError, match=r"holds no lid\.176\.ftz"):
        pull_from(shared_weights / "yunet", entry, settings)
    assert not (settings.home / "weights" / "lid176").exists()


def test_a_model_of_the_hub_with_the_checksums_it_tells(server, settings: Settings, monkeypatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    config = b'{"model_type": "nose"}'
    listed = [
        {"rfilename": "model.safetensors", "size": len(BYTES), "lfs": {"sha256": sha(BYTES)}},
        {"rfilename": "pytorch_model.bin", "size": 9, "lfs": {"sha256": sha(b"a pickle!")}},
        {"rfilename": "config.json", "size": len(config)},
        {"rfilename": "modeling_nose.py", "size": 5},
    ]
    server.files["/api/models/some/nose/revision/main?blobs=true"] = json.dumps(
        {"sha": "abc", "siblings": listed}
    ).encode()
    server.files["/some/nose/resolve/abc/config.json"] = config
    server.files["/some/nose/resolve/abc/model.safetensors"] = BYTES
    folder = pull(wanted("some/nose"), settings).folder
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "model.safetensors",
        "weights.json",
    ]
    told = json.loads((folder / "weights.json").read_text())
    assert told["revision"] == "abc"
    assert {one["path"]: one["sha256"] for one in told["files"]} == {
        "config.json": sha(config),
        "model.safetensors": sha(BYTES),
    }
    models = Models(settings)
    assert models.folder("some/nose") == folder
    (folder / "config.json").write_bytes(b"{}")
    damaged = Models(settings).folder("some/nose")
    assert isinstance(damaged, Absent)
    assert "config.json" in damaged.reason


# --- what is asked for when a model is loaded ---


@pytest.fixture
def copied(shared_weights: Path, tmp_path: Path) -> Settings:
    for name in ("yunet", "brisque_svr"):
        target = tmp_path / "told" / name
        target.mkdir(parents=True)
        for path in (shared_weights / name).iterdir():
            (target / path.name).write_bytes(path.read_bytes())
    return Settings(home=tmp_path / "home", weights=str(tmp_path / "told"))


def test_damaged_weights_are_absent_with_the_reason(copied: Settings) -> None:
    folder = Models(copied).folder("yunet")
    assert isinstance(folder, Path)
    model = folder / "yunet_n_dynamic.onnx"
    data = bytearray(model.read_bytes())
    data[1000] ^= 1
    model.write_bytes(data)
    found = Models(copied).folder("yunet")
    assert isinstance(found, Absent)
    assert "damaged" in found.reason
    assert "yunet_n_dynamic.onnx" in found.reason
    assert "creatorlens weights pull yunet" in found.reason
    model.unlink()
    assert "is missing" in getattr(Models(copied).folder("yunet"), "reason", "")
    assert isinstance(Models(copied).folder("brisque_svr"), Path)


def test_a_sound_copy_elsewhere_is_taken_instead_of_a_damaged_one(
    copied: Settings, shared_weights: Path
) -> None:
    first, *_ = copied.weights.split(os.pathsep)
    (Path(first) / "yunet" / "yunet_n_dynamic.onnx").write_bytes(b"")
    both = copied.model_copy(update={"weights": f"{first}{os.pathsep}{shared_weights}"})
    assert Models(both).folder("yunet") == shared_weights / "yunet"


def test_absent_weights_name_the_command(settings: Settings) -> None:
    found = Models(settings).folder("yunet")
    assert found == Absent("no weights of yunet here: creatorlens weights pull yunet")


@pytest.mark.parametrize("name", ["../yunet", "/etc", "a/../../b", "", ".", "a/b/c"])
def test_a_name_never_leads_out_of_the_folders(copied: Settings, name: str) -> None:
    assert isinstance(Models(copied).folder(name), Absent)


def test_a_checksum_is_computed_once_and_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large"
    path.write_bytes(BYTES)
    memory = tmp_path / "home" / ".checked.json"
    memory.parent.mkdir()
    counted: list[int] = []
    real = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *what: (counted.append(1), real(*what))[1])
    sums = Checksums(memory)
    assert sums.sha256(path) == sums.sha256(path) == Checksums(memory).sha256(path) == sha(BYTES)
    assert len(counted) == 1
    path.write_bytes(BYTES + b"x")
    assert Checksums(memory).sha256(path) == sha(BYTES + b"x")
    memory.write_text("not json")
    assert Checksums(memory).sha256(path) == sha(BYTES + b"x")


def test_reading_leaves_nothing_in_a_home_that_was_never_pulled_into(copied: Settings) -> None:
    Models(copied).fingerprint("yunet")
    assert not copied.home.exists()
    assert checksums(copied).sha256(Path(copied.weights) / "yunet" / "yunet_n_dynamic.onnx")


# --- the command ---


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    done = CliRunner().invoke(build(), ["weights", *arguments], env=environment)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


def test_list_tells_present_absent_and_damaged(copied: Settings) -> None:
    (Path(copied.weights) / "yunet" / "yunet_n_dynamic.onnx").write_bytes(b"")
    environment = {"CREATORLENS_HOME": str(copied.home), "CREATORLENS_WEIGHTS": copied.weights}
    code, out = run("list", "--json", **environment)
    assert code == 0
    rows = {row["name"]: row for row in json.loads(out.splitlines()[-1])["weights"]}
    assert rows["brisque_svr"]["state"] == "present"
    assert rows["yunet"]["state"] == "damaged"
    assert "0 bytes" in rows["yunet"]["damage"]
    assert rows["lid176"]["state"] == "absent"
    wanted_keys = {"name", "source", "revision", "bytes", "licence", "sha256", "without"}
    assert all(wanted_keys <= row.keys() for row in rows.values())
    code, out = run("list", **environment)
    assert code == 0
    assert "faces are not found" in out


def test_pull_from_a_folder_by_command(shared_weights: Path, tmp_path: Path) -> None:
    code, out = run(
        "pull", "yunet", "lid176", "--from", str(shared_weights), "--json", CREATORLENS_HOME=str(tmp_path)
    )
    assert code == 0
    assert [one["name"] for one in json.loads(out.splitlines()[-1])["pulled"]] == ["yunet", "lid176"]
    with pytest.raises(InputError, match="holds no"):
        run("pull", "whisper_tiny", "--from", str(shared_weights), CREATORLENS_HOME=str(tmp_path))


def test_each_entry_of_the_catalogue_has_a_standing(settings: Settings) -> None:
    assert [weight.name for weight, _ in standings(settings)] == [weight.name for weight in catalogue()]
