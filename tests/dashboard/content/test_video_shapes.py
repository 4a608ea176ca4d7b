"""What a video's reading becomes on the page: timeline, lanes, first seconds, fit."""

from __future__ import annotations

import pytest

from creatorlens.platforms import Platform
from creatorlens.reading.video import VideoReading
from dashboard import hook_shapes
from dashboard import video_shapes as shapes


def test_cuts_stand_where_they_are(make):
    assert list(shapes.cuts_frame(make.clip())["words"]) == [
        "Cut at 0:02.2", "Cut at 0:04.4", "Cut at 0:06.6", "Cut at 0:08.8",
    ]  # fmt: skip


def test_the_motion_curve_reaches_the_end(make):
    frame = shapes.motion_frame(make.clip())
    assert frame["time"].iloc[0] == 0
    assert frame["time"].iloc[-1] == 11.0


def test_a_video_of_stills_is_said_to_stand_still(make):
    clip = make.clip()
    still = clip.model_copy(
        update={"motion": clip.motion.model_copy(update={"still_share": 1.0, "mean": 0.0})}
    )
    assert shapes.pace_sentence(still).endswith("Between cuts the picture stands still.")
    assert shapes.pace_sentence(clip).startswith("**Four hard cuts**, 22 a minute")


def test_a_face_lasts_until_the_cut_that_follows_and_speech_comes_from_the_voice(make):
    frame = shapes.lanes_frame(make.clip(), make.recording())
    face = frame[frame["lane"] == "Face"]
    assert [(row.start, row.end) for row in face.itertuples()] == [(pytest.approx(0.1), pytest.approx(2.2))]
    assert list(frame[frame["lane"] == "Speech"]["start"]) == [0.3, 6]
    assert list(dict.fromkeys(frame["lane"])) == ["Face", "Text", "Speech", "Music"]


def test_frames_that_follow_one_another_are_one_stretch(make):
    frames = tuple(make.frame(at, "hook", "#444", make.picture()) for at in (0.0, 0.5, 1.0))
    clip = make.clip()
    clip = clip.model_copy(update={"frames": clip.frames.model_copy(update={"frames": frames})})
    frame = shapes.lanes_frame(clip, None)
    assert [(r.start, r.end) for r in frame[frame["lane"] == "Face"].itertuples()] == [
        (0.0, pytest.approx(2.2))
    ]


def test_the_first_seconds_are_told_in_words(make):
    assert hook_shapes.hook_columns(make.clip()) == ("First 3\u00a0s", "All 11\u00a0s")
    rows = {row.what: row.cells for row in hook_shapes.hook_rows(make.clip())}
    assert rows["A face"][0] == ("in all of the frames, 11\u00a0% of the picture", True)
    assert rows["Text on screen"] == (("none", False), ("in 20\u00a0% of the frames: “NEVER RISES”", True))
    assert rows["Loudness"][0] == ("2\u00a0LU louder than the rest", True)
    assert hook_shapes.hook_sentence(make.clip()) == (
        "There is a face from the start, text from 0:04.5 and speech from 0:00.3."
    )


def test_what_no_model_looked_for_is_not_told_as_missing_from_the_video(make):
    clip = make.clip()
    blind = {"face_share": None, "text_share": None, "speech_share": None, "largest_face": None}
    hook = clip.hook.model_copy(
        update={
            "first_3s": clip.hook.first_3s.model_copy(update=blind),
            "first_15s": clip.hook.first_15s.model_copy(update=blind),
            "first_face_s": None, "first_text_s": None, "first_speech_s": None,
        }
    )  # fmt: skip
    clip = clip.model_copy(update={"hook": hook})
    assert "A face" not in {row.what for row in hook_shapes.hook_rows(clip)}
    assert hook_shapes.hook_sentence(clip) == ""
    assert not any("Little happens" in one.says for one in shapes.findings(clip, Platform.YOUTUBE))


def test_an_empty_beginning_is_worth_a_look(make):
    clip = make.clip()
    bare = clip.hook.first_3s.model_copy(
        update={"face_share": 0.0, "text_share": 0.0, "speech_share": 0.0, "cuts": 0}
    )
    clip = clip.model_copy(update={"hook": clip.hook.model_copy(update={"first_3s": bare})})
    assert any("Little happens" in one.says for one in shapes.findings(clip, Platform.YOUTUBE))


def test_the_chosen_platform_leads_and_what_does_not_suit_is_named(make):
    frame = shapes.fit_frame(make.clip(), Platform.TIKTOK)
    assert frame["placement"].iloc[0] == "TikTok video"
    assert frame["words"].iloc[0] == "shape off"
    assert list(frame["chosen"]) == [True, False, False, False]
    [fit, *_] = shapes.findings(make.clip(), Platform.TIKTOK)
    assert fit.tone == "look"
    assert fit.because == "9:16 fills the screen."


def test_candidates_keep_their_rank_and_reasons(make):
    best = shapes.thumbnails(make.clip())[0]
    assert (best.badge, best.notes) == ("1", ("a large face", "sharp"))


def test_a_video_of_which_nothing_was_read_makes_empty_pictures():
    empty = VideoReading()
    assert shapes.motion_frame(empty).empty
    assert shapes.cuts_frame(empty).empty
    assert shapes.lanes_frame(empty, None).empty
    assert shapes.fit_frame(empty, Platform.X).empty
    assert shapes.shots(empty) == shapes.thumbnails(empty) == hook_shapes.hook_rows(empty) == ()
    assert shapes.findings(empty, Platform.X) == ()
