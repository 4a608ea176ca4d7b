"""Advice on thumbnails over HTTP, without any weights: pictures are made, told apart, applied and exported."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import httpx
import numpy as np
import pytest
from starlette.testclient import TestClient

from creatorlens.client import ApiError, Client
from creatorlens.platforms import MediaType, Platform
from creatorlens.records import Draft


@pytest.fixture
def client(served: TestClient) -> Client:
    def pass_on(request: httpx.Request) -> httpx.Response:
        answer = served.request(
            request.method, str(request.url), content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)

    return Client("http://testserver", transport=httpx.MockTransport(pass_on))


@pytest.fixture
def own() -> Draft:
    at = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    return Draft("youtube:ann", Platform.YOUTUBE, at, title="Tiny rocket", media_type=MediaType.VIDEO)


def dark_square() -> bytes:
    """A bright thing on a dark ground, in no shape that YouTube shows."""
    from PIL import Image, ImageDraw

    rng = np.random.default_rng(3)
    ground = rng.integers(10, 60, (12, 12, 3), dtype=np.uint8)
    image = Image.fromarray(ground).resize((900, 900), Image.Resampling.BICUBIC)
    ImageDraw.Draw(image).ellipse((330, 300, 570, 600), fill=(250, 120, 30))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_pictures_are_made_applied_and_exported(client: Client, own: Draft) -> None:
    from PIL import Image

    picture = client.analyze([("cover.png", dark_square())]).files[0].file.sha256
    kept = client.create_content(own, assets=[picture], thumbnail=picture)
    advice = client.thumbnails(kept.content_id)
    assert advice.placement == "16:9"
    assert advice.current is not None
    assert advice.current.source == picture
    assert {"dark", "shape"} <= {fix.what for fix in advice.current.fixes}
    assert "click-through model" in advice.absent
    assert "tone" in {one.made.recipe for one in advice.suggestions}
    for one in advice.suggestions:
        assert one.made.checks.faces_whole is None  # no detector here, and it says so
        assert "faces_whole" in one.made.checks.unchecked
        assert one.lift is not None
        assert one.lift.noise  # this small model reads nothing of pictures
        with Image.open(io.BytesIO(client.asset(one.change.thumbnail or ""))) as made:
            assert (made.format, made.width * 9) == ("JPEG", made.height * 16)

    # asked again, it is the same advice
    assert [one.suggestion_id for one in client.thumbnails(kept.content_id).suggestions] == [
        one.suggestion_id for one in advice.suggestions
    ]

    packed = zipfile.ZipFile(io.BytesIO(client.thumbnails_zip(kept.content_id)))
    manifest = json.loads(packed.read("manifest.json"))
    letters = [one["variant_id"] for one in manifest["variants"]]
    assert letters == list("ABCDEFG")[: 1 + len(advice.suggestions)]
    assert manifest["variants"][0]["shown_now"]
    for one in manifest["variants"]:
        assert packed.read(one["file"]) == client.asset(one["sha256"])
    rows = list(csv.DictReader(io.StringIO(packed.read("results.csv").decode())))
    assert [row["image_id"] for row in rows] == [one["sha256"] for one in manifest["variants"]]

    applied = client.apply(kept.content_id, advice.suggestions[0], version=1)
    assert applied.content.now.thumbnail == advice.suggestions[0].change.thumbnail
    assert applied.content.now.analysis_id == advice.suggestions[0].change.analysis_id
    undone = client.update_content(
        kept.content_id, applied.content.draft(kept.now), version=2, assets=[picture], thumbnail=picture
    )
    assert undone.now.thumbnail == picture


def test_a_draft_without_files_is_told_what_to_do(client: Client, own: Draft) -> None:
    kept = client.create_content(own)
    advice = client.thumbnails(kept.content_id)
    assert (advice.current, advice.candidates, advice.suggestions) == (None, (), ())
    assert "POST /v1/analyze" in advice.words
    with pytest.raises(ApiError) as error:
        client.thumbnails_zip(kept.content_id)
    assert error.value.status == 422
