"""What the page says of an analysis as a whole: order of findings, safety, refusals, what is missing."""

from __future__ import annotations

from creatorlens import api
from creatorlens.client import ApiError, UnreachableError
from creatorlens.platforms import Platform
from creatorlens.reading.analysis import RefusedFile
from creatorlens.reading.files import Refusal
from dashboard import content_shapes as shapes


def of_image(make, **changed):
    return make.of_file("thumb.jpg", make.jpeg(), "image", "image/jpeg", image=make.picture(**changed))


def test_what_deserves_a_look_comes_first(make):
    file = of_image(make, look=make.look(contrast=0.05))
    found = shapes.findings(make.analysis(file), file, Platform.YOUTUBE)
    tones = [one.tone for one in found]
    assert tones == sorted(tones, key=["look", "good", "plain"].index)
    assert found[0].says == "Little contrast"


def test_an_unsafe_draft_is_said_before_anything_else(make):
    flags = tuple(
        make.flag(what="nsfw", score=score, threshold=0.6, at_s=at) for score, at in ((0.7, 1.0), (0.9, 63.2))
    )
    file = of_image(make)
    analysis = make.analysis(file, safety=make.safety(verdict="block", flags=flags))
    first = shapes.findings(analysis, file, Platform.YOUTUBE)[0]
    assert first.says == "Do not publish it as it is"
    assert first.because == "Possible nudity or sex (90\u00a0% at 1:03.2). Models err: look for yourself."


def test_safety_never_says_more_than_was_judged(make):
    assert "No malware" not in shapes.safety_sentence(make.safety())
    assert shapes.safety_sentence(None) == "Nothing was judged."
    assert "Not fully judged" in shapes.safety_sentence(make.safety(verdict="unknown", nsfw=None))


def test_what_is_missing_is_told_once_for_each_reason_with_what_to_do(make):
    aesthetic, embedding = shapes.missing(make.analysis().notes)
    assert aesthetic.costs == "How a panel would rate it."
    assert aesthetic.command is None
    assert embedding.parts == "likeness of pictures and meaning of the words"
    assert embedding.command == "creatorlens weights pull clip"
    assert embedding.why == "No weights."


def test_refused_files_say_why_and_what_to_do(make):
    refusal = Refusal(reason="broken", words="it breaks off", hint="export it again")
    analysis = make.analysis(refused=(RefusedFile(name="x.mp4", bytes=10, refusal=refusal),))
    assert shapes.refused(analysis) == (shapes.Refused("x.mp4", "It breaks off.", "Export it again."),)


def test_a_refused_request_is_told_apart_from_a_service_that_failed():
    errors = (api.FieldError(field="a.exe", message="a program", hint="hand in media", reason="not_media"),)
    refused = ApiError(api.Problem(title="Refused", status=422, detail="x", errors=errors))
    assert shapes.refusal(refused) == (shapes.Refused("a.exe", "A program.", "Hand in media."),)
    assert shapes.refusal(ApiError(api.Problem(title="Oops", status=500, detail="x"))) == ()
    assert shapes.refusal(UnreachableError(api.Problem(title="No", status=0, detail="x"))) == ()


def test_a_file_is_named_with_its_kind_and_size(make):
    assert shapes.about(of_image(make).file).startswith("thumb.jpg · picture · ")
