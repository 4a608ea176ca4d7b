"""`benchmarks serving`: the HTTP service beside the same prediction in process, and beside MLflow's server.

Real processes on this machine, the load generator in a third one. MLflow's server gets the very feature
rows, embeddings included, that the service looks up and computes itself, so the comparison favours MLflow.
`single` and `batch64` send texts that were never read before, `single_again` the same drafts over and over.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from benchmarks._serving_load import NEW
from creatorlens.platforms import HORIZONS_H, Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings

REPO = Path(__file__).parents[1]
SHARED = REPO.parent / "shared" / "data"
CLIENTS = (1, 8, 64)
BATCH = 64
SECONDS = 5.0
DRAFTS = 640
READY_S = 240
THREADS = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}


@dataclass(frozen=True)
class Scene:
    """A home with a champion, and drafts of its channels."""

    settings: Settings
    platform: Platform
    drafts: list[Draft]

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **THREADS,
            # MLflow starts uvicorn by its name.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "CREATORLENS_HOME": str(self.settings.home),
            "MLFLOW_TRACKING_URI": self.settings.mlflow_uri,
            "MLFLOW_REGISTRY_URI": self.settings.mlflow_uri,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "BENTOML_HOME": str(self.settings.home / "bentoml"),
            "BENTOML_DO_NOT_TRACK": "True",
        }


def run(
    json: bool = False,  # noqa: ARG001
    *,
    home: Path | None = None,
    seconds: float = SECONDS,
) -> dict[str, Any]:
    """Figures of requests per second and latency. `home`: one with an Instagram champion; else one is made
    from the real tables beside the project, or from the sample corpus."""
    os.environ.update({name: value for name, value in THREADS.items() if name not in os.environ})
    with tempfile.TemporaryDirectory(prefix="creatorlens-serving-") as folder:
        scene = _scene(home or Path(folder) / "home", made=home is None)
        return _measure(scene, Path(folder), seconds)


def _measure(scene: Scene, folder: Path, seconds: float) -> dict[str, Any]:
    import orjson

    local = _Local(scene)
    singles = [orjson.dumps(_body(draft)).decode() for draft in scene.drafts]
    batches = [orjson.dumps({"drafts": [_body(d) for d in some]}).decode() for some in _batches(scene.drafts)]
    with _server(scene, folder, _bentoml) as address:
        url = f"{address}/v1/predict"
        _first_answer(url, singles[0])
        beside = _side_by_side(local, url, batches, seconds)
        ours = {
            "single": _loads(url, [_as_new(body) for body in singles], folder, seconds),
            "single_again": _loads(url, singles, folder, seconds),
            "batch64": _loads(url, [_as_new(body) for body in batches], folder, seconds),
        }
    with _server(scene, folder, _mlflow) as address:
        url = f"{address}/invocations"
        columns = _signature(scene)
        single, batch = (
            _split(local.rows(some), columns)
            for some in ([[job] for job in local.jobs[:BATCH]], list(_batches(local.jobs)))
        )
        _first_answer(url, single[0])
        theirs = {
            "single": _loads(url, single, folder, seconds),
            "batch64": _loads(url, batch, folder, seconds),
        }
    local.close()
    return _report(scene, beside, ours, theirs)


def _side_by_side(local: _Local, url: str, batches: list[str], seconds: float) -> dict[str, float]:
    """Batches of 64 by turns in process and over HTTP, one client: whatever else the machine does while
    this runs, it does to both."""
    jobs = list(_batches(local.jobs))
    inside, outside = list[float](), list[float]()
    with httpx.Client(timeout=120) as client:

        def ask(i: int) -> None:
            answer = client.post(url, content=batches[i], headers={"content-type": "application/json"})
            answer.raise_for_status()

        for i in range(3):
            ask(i)
            local.predict(jobs[i])
        ends, i = time.perf_counter() + 4 * seconds, 0
        while time.perf_counter() < ends:
            i = (i + 1) % len(jobs)
            inside.append(_ms(local.predict, jobs[i]))
            outside.append(_ms(ask, i))
    single = [_ms(local.predict, [job]) for job in local.jobs[:40]]
    return {
        "single_in_process_p50_ms": round(median(single), 2),
        "batch64_in_process_p50_ms": round(median(inside), 2),
        "batch64_http_p50_ms": round(median(outside), 2),
        "batch64_in_process_drafts_per_s": round(BATCH * 1000 / median(inside), 1),
        "pairs": len(inside),
    }


def _ms(work: Callable[[Any], None], what: Any) -> float:
    began = time.perf_counter()
    work(what)
    return (time.perf_counter() - began) * 1000


def _report(
    scene: Scene, beside: dict[str, float], ours: dict[str, Any], theirs: dict[str, Any]
) -> dict[str, Any]:
    overhead = beside["batch64_http_p50_ms"] / beside["batch64_in_process_p50_ms"] - 1
    by_clients = {
        kind: {
            n: round(ours[kind][n]["requests_per_s"] / theirs[kind][n]["requests_per_s"], 2)
            for n in theirs[kind]
        }
        for kind in theirs
    }
    best = {kind: _most(ours[kind]) / _most(theirs[kind]) for kind in theirs}
    return {
        "platform": scene.platform.value,
        "ours": ours,
        "mlflow": theirs,
        "in_process": beside,
        "over_mlflow_by_clients": by_clients,
        # Ours looks up and computes the features, explains and records; MLflow's is handed the features.
        "throughput_over_mlflow": round(best["single"], 2),
        "throughput_over_mlflow_texts_seen": round(_most(ours["single_again"]) / _most(theirs["single"]), 2),
        "batch64_over_mlflow": round(best["batch64"], 2),
        "overhead_batch64": round(overhead, 3),
        "reached": {"throughput": best["single"] >= 3, "overhead": overhead < 0.25},
    }


def _most(by_clients: dict[str, Any]) -> float:
    return max(float(one["requests_per_s"]) for one in by_clients.values())


class _Local:
    """`predict_drafts` called directly, as the service does."""

    def __init__(self, scene: Scene) -> None:
        from creatorlens.database import open_database
        from features.feature_store import OnlineStore
        from services.insights.jobs import Job
        from services.insights.registry import ChampionSource

        self._scene = scene
        self._engine = open_database(scene.settings)
        self._source = ChampionSource(scene.settings)
        self._store = OnlineStore(scene.settings)
        self.jobs = [Job(draft, tuple(float(h) for h in HORIZONS_H)) for draft in scene.drafts]
        self._source.watch()

    def predict(self, jobs: Sequence[Any]) -> None:
        from services.insights.predicting import predict_drafts

        settings = self._scene.settings
        for answer in predict_drafts(self._engine, settings, self._source, self._store, jobs):
            if isinstance(answer, Exception):
                raise answer

    def rows(self, some: Sequence[Sequence[Any]]) -> list[Any]:
        """The rows the model is given for each batch."""
        from features.rows import rows_for_drafts
        from services.insights.answering import Asked, explode

        platform = self._scene.platform
        encoder = self._source.current(platform).encoder
        return [
            explode(
                rows_for_drafts(self._store, [job.draft for job in jobs], platform, encoder=encoder),
                [Asked(job.draft, job.horizons) for job in jobs],
            )
            for jobs in some
        ]

    def close(self) -> None:
        self._source.close()
        self._engine.dispose()


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items) - BATCH + 1, BATCH):
        yield items[start : start + BATCH]


def _body(draft: Draft) -> dict[str, Any]:
    return {
        "channel": draft.channel_id,
        "title": draft.title,
        "text": draft.text,
        "hashtags": list(draft.hashtags),
        "planned_at": draft.planned_at.isoformat(),
        "media_type": draft.media_type.value,
        "followers": draft.followers,
    }


def _as_new(body: str) -> str:
    """Titles that no request had before: the load generator numbers them."""
    return body.replace('"title":"', f'"title":"{NEW.decode()} ')


def _split(frames: list[Any], columns: list[str]) -> list[str]:
    """Feature rows as MLflow's server takes them: the signature's columns, none empty throughout."""
    bodies = []
    for frame in frames:
        rows = frame.assign(post_id=[f"d{i}" for i in range(len(frame))])[columns]
        empty = rows.columns[rows.isna().all()]
        naive = rows["published_at"].dt.tz_localize(None)
        rows = rows.assign(**dict.fromkeys(empty, 0.0), published_at=naive)
        bodies.append(
            f'{{"dataframe_split": {rows.to_json(orient="split", date_format="iso", index=False)}}}'
        )
    return bodies


def _signature(scene: Scene) -> list[str]:
    import mlflow

    mlflow.set_tracking_uri(scene.settings.mlflow_uri)
    uri = f"models:/creatorlens-{scene.platform.value}/{_champion(scene)}"
    names: list[str] = mlflow.models.get_model_info(uri).signature.inputs.input_names()
    return names


def _loads(url: str, bodies: list[str], folder: Path, seconds: float) -> dict[str, Any]:
    return {str(clients): _load(url, bodies, clients, folder, seconds) for clients in CLIENTS}


def _load(url: str, bodies: list[str], clients: int, folder: Path, seconds: float) -> Any:
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"url": url, "bodies": bodies, "clients": clients, "seconds": seconds}))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._serving_load", str(plan)],
        cwd=REPO, capture_output=True, text=True, check=True,
    )  # fmt: skip
    figures = json.loads(done.stdout)
    say(f"{url} {clients} clients: {figures}{' ' + done.stderr.strip() if figures['failed'] else ''}")
    return figures


def _bentoml(_: Scene, port: int) -> list[str]:
    return ["bentoml", "serve", "serving.service:CreatorLens", "--host", "127.0.0.1", "--port", str(port)]


def _mlflow(scene: Scene, port: int) -> list[str]:
    version = _champion(scene)
    uri = f"models:/creatorlens-{scene.platform.value}/{version}"
    return [
        "mlflow",
        "models",
        "serve",
        "-m",
        uri,
        "--env-manager",
        "local",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]


def _champion(scene: Scene) -> str:
    from services.insights.registry import ChampionSource

    standing = ChampionSource(scene.settings).standing(scene.platform)
    assert standing is not None, "no model was registered"
    return standing.version


@contextmanager
def _server(scene: Scene, folder: Path, command: Any) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    name, *arguments = command(scene, port)
    say(f"{name} starts")
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", name, *arguments],
            cwd=REPO, env=scene.environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}"
    except BaseException:
        print((folder / f"{name}.log").read_text()[-3000:], file=sys.stderr)
        raise
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _first_answer(url: str, body: str) -> None:
    """Wait until the server answers; a refusal is an error at once, with the server's words."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            answer = httpx.post(url, content=body, headers={"content-type": "application/json"}, timeout=60)
        except httpx.TransportError:
            time.sleep(0.3)
            continue
        if answer.status_code == 200:
            return
        # 409 and 503: it is up, and still loads the model.
        if answer.status_code not in (409, 503):
            raise RuntimeError(f"{url} answers {answer.status_code}: {answer.text[-600:]}")
        time.sleep(0.3)
    raise TimeoutError(f"{url} did not become ready")


def _scene(home: Path, *, made: bool) -> Scene:
    settings = Settings(home=home)
    platform = Platform.INSTAGRAM
    if made:
        _make(settings, platform)
    return Scene(settings, platform, _drafts(settings, platform))


def _make(settings: Settings, platform: Platform) -> None:
    from creatorlens.database import open_database
    from features.featurize import featurize
    from services.content.importing import import_files
    from training.promotion import promote
    from training.train import train_platform

    if not SHARED.is_dir():
        raise SystemExit("benchmarks serving: ../shared/data is absent; give home=, a home with a champion")
    engine = open_database(settings)
    tables = [SHARED / f"{platform.value}.{kind}.parquet" for kind in ("posts", "observations")]
    import_files(engine, settings, tables, progress=say)
    featurize(engine, settings, platform, progress=say)
    report = train_platform(engine, settings, platform, progress=say)
    promote(settings, platform, report.version)
    engine.dispose()


def _drafts(settings: Settings, platform: Platform) -> list[Draft]:
    """Drafts with the words of real posts, on their channels, planned over the next fortnight."""
    from creatorlens.database import frames, open_database
    from creatorlens.platforms import MediaType

    engine = open_database(settings)
    posts = frames.read_posts(engine, settings.workspace, platform).tail(DRAFTS)
    engine.dispose()
    now = datetime.now(UTC).replace(microsecond=0)
    return [
        Draft(
            channel_id=post.channel_id,
            platform=platform,
            planned_at=now + timedelta(hours=1 + i % 336),
            title=post.title or "A new post",
            text=post.text,
            hashtags=tuple(post.hashtags or ()),
            media_type=MediaType(post.media_type),
        )
        for i, post in enumerate(posts.itertuples())
    ]


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(json.dumps(run(home=Path(sys.argv[1]) if len(sys.argv) > 1 else None)))
