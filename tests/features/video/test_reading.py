"""A video is read whole, and what is shown is found in the shot where it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from creatorlens.reading.audio import AudioReading
from creatorlens.reading.video import VideoFrame, VideoReading
from features.absent import Absent
from features.media.limits import USUAL
from features.video.frames import LEARNED
from features.video.reading import EXTRACTORS, read_video, read_with_sound
from features.weights.models import Models

CLIPS = ("bitmap.mp4", "fire2.mp4", "moviepy_example3.mp4", "no_duration.webm", "transparent.webm",
         "video_with_failing_audio.mp4", "big_buck_bunny_432_433.webm")  # fmt: skip
PARTS = {extractor.field for extractor in EXTRACTORS}


@pytest.fixture(scope="session")
def known(shared_media: Path, models: Models) -> tuple[VideoReading, AudioReading]:
    """known_answers.mp4: astronaut, coffee, page, horses, parrot, 2.2 s each; a speech."""
    path = shared_media / "composed" / "known_answers.mp4"
    video, audio = read_with_sound(path, models, USUAL, transcribe=False)
    assert not isinstance(audio, Absent)
    return video, audio


def shot(reading: VideoReading, index: int) -> list[VideoFrame]:
    assert reading.frames is not None
    found = [frame for frame in reading.frames.frames if index * 2.2 <= frame.time_s < (index + 1) * 2.2]
    assert found
    return found


def test_every_part_is_there(known: tuple[VideoReading, AudioReading]) -> None:
    video, _ = known
    assert video.absent == {}
    assert {name for name in type(video).model_fields if name != "absent"} == PARTS
    assert all(getattr(video, name) is not None for name in PARTS)


def test_the_face_is_in_the_first_shot_alone(known: tuple[VideoReading, AudioReading]) -> None:
    video, _ = known
    for index in range(5):
        for frame in shot(video, index):
            assert frame.reading.faces is not None
            assert frame.reading.faces.count == (1 if index == 0 else 0)


def test_the_text_is_in_the_third_shot_alone(known: tuple[VideoReading, AudioReading]) -> None:
    video, _ = known
    for index in range(5):
        for frame in shot(video, index):
            assert frame.reading.words is not None
            assert ("Region-based segmentation" in frame.reading.words.text) == (index == 2)


def test_objects_are_in_their_shots(known: tuple[VideoReading, AudioReading]) -> None:
    video, _ = known
    for index, label in {0: "person", 1: "cup", 3: "horse", 4: "bird"}.items():
        for frame in shot(video, index):
            assert frame.reading.objects is not None
            assert label in frame.reading.objects.counts


def test_shares_of_the_screen_follow_the_cuts(known: tuple[VideoReading, AudioReading]) -> None:
    video, audio = known
    assert video.screen is not None
    assert audio.voice is not None
    assert video.screen.face_share == pytest.approx(0.2, abs=0.001)
    assert video.screen.text_share == pytest.approx(0.2, abs=0.001)
    assert video.screen.talk_share == audio.voice.speech_share
    assert video.screen.talk_share > 0.5


def test_the_hook_is_what_is_met_first(known: tuple[VideoReading, AudioReading]) -> None:
    video, audio = known
    assert video.hook is not None
    assert audio.loudness is not None
    first, longer = video.hook.first_3s, video.hook.first_15s
    assert (first.end_s, longer.end_s) == (3.0, pytest.approx(11.0))
    assert (first.face, first.text_on_screen, first.cuts) == (True, False, 1)
    assert first.face_share == pytest.approx(2.2 / 3, abs=0.001)
    assert (longer.face, longer.text_on_screen, longer.cuts) == (True, True, 4)
    assert longer.text is not None
    assert "Region-based segmentation" in longer.text
    assert first.loudness_lufs == audio.loudness.first_3s_lufs
    assert first.loudness_against_rest_lu is not None
    assert longer.loudness_against_rest_lu is None  # nothing follows
    assert (first.speech_share or 0) > 0.5
    assert video.hook.first_face_s == 0.0
    assert 4.4 <= (video.hook.first_text_s or 0) < 6.6
    assert (video.hook.first_speech_s or 9) < 1.0


def test_candidates_begin_with_the_face(known: tuple[VideoReading, AudioReading]) -> None:
    video, _ = known
    assert video.thumbnails is not None
    assert len(video.thumbnails.candidates) == 5  # one of each shot: the others are near-identical
    assert video.thumbnails.candidates[0].time_s < 2.2
    assert "a face" in video.thumbnails.candidates[0].why[0]


def test_equal_frames_are_shown_to_the_models_once(known: tuple[VideoReading, AudioReading]) -> None:
    video, _ = known
    assert video.frames is not None
    assert len(video.frames.frames) > video.frames.learned
    for index in range(5):
        first, *others = shot(video, index)
        assert all(other.reading.objects == first.reading.objects for other in others)


def test_the_same_bytes_give_the_same_record(shared_media: Path, bare: Models) -> None:
    path = shared_media / "video" / "fire2.mp4"
    assert read_video(path, bare, USUAL) == read_video(path, bare, USUAL)


@pytest.mark.parametrize("name", CLIPS)
def test_odd_clips_are_read(shared_media: Path, bare: Models, name: str) -> None:
    video, audio = read_with_sound(
        shared_media / "video" / name, bare, USUAL, learned=False, transcribe=False
    )
    expected = PARTS - (
        {"motion"} if name == "bitmap.mp4" else set()
    )  # one frame a second: nothing to follow
    assert {part for part in PARTS if getattr(video, part) is not None} == expected
    assert set(video.absent) == PARTS - expected
    assert video.container is not None
    assert isinstance(audio, Absent) == (not video.container.audio or name == "bitmap.mp4")


def test_without_sound_what_rests_on_it_is_none(shared_media: Path, bare: Models) -> None:
    video = read_video(shared_media / "video" / "moviepy_example.mp4", bare, USUAL, learned=False)
    assert video.hook is not None
    assert video.screen is not None
    assert (video.hook.first_3s.loudness_lufs, video.hook.first_3s.speech_share) == (None, None)
    assert (video.screen.talk_share, video.screen.music_share) == (None, None)


def test_without_weights_frames_say_what_is_missing(shared_media: Path, bare: Models) -> None:
    video = read_video(shared_media / "video" / "moviepy_example.mp4", bare, USUAL)
    assert video.frames is not None
    assert video.hook is not None
    for frame in video.frames.frames:
        assert frame.reading.look is not None
        assert "creatorlens weights pull" in frame.reading.absent["faces"]
    assert (video.hook.first_3s.face, video.hook.first_3s.text_on_screen) == (None, None)
    assert video.thumbnails is not None


def test_learned_models_can_be_left_out(shared_media: Path, models: Models) -> None:
    video = read_video(shared_media / "video" / "moviepy_example.mp4", models, USUAL, learned=False)
    assert video.frames is not None
    assert video.frames.learned == 0
    assert set(video.frames.frames[0].reading.absent) == set(LEARNED)


def test_known_parts_are_taken_as_they_are(
    known: tuple[VideoReading, AudioReading], tmp_path: Path, models: Models, shared_media: Path
) -> None:
    video, audio = known
    parts = {name: getattr(video, name) for name in PARTS}
    # all known: the file is not even opened
    assert read_video(tmp_path / "gone.mp4", models, USUAL, parts, audio=audio) == video
    # a changed rule for the hook alone is computed from the kept frames
    del parts["hook"]
    again = read_video(shared_media / "composed" / "known_answers.mp4", models, USUAL, parts, audio=audio)
    assert again == video


def test_a_part_is_read_anew_where_the_models_of_its_frames_changed(models: Models, bare: Models) -> None:
    changed = {one.field for one in EXTRACTORS if one.key(models) != one.key(bare)}
    assert changed == {"frames", "hook", "screen", "thumbnails"}
