"""What the reading of sound becomes on the page: waveform, loudness, voice, transcript."""

from __future__ import annotations

import pytest

from creatorlens.platforms import Platform
from creatorlens.reading.audio import AudioReading
from dashboard import sound_shapes as shapes


def test_the_waveform_is_coloured_by_what_leads_and_pauses_are_not_called_speech(make):
    wave = shapes.waveform_frame(make.recording())

    def kind(moment: float) -> str:
        return str(wave[(wave["start"] <= moment) & (wave["end"] > moment)]["kind"].iloc[0])

    assert kind(0.1) == "pause", "the voice begins at 0.3 s"
    assert [kind(moment) for moment in (2.0, 5.5, 7.0, 10.0)] == ["speech", "silence", "speech", "music"]


def test_without_a_tagger_the_waveform_is_of_unknown_sound(make):
    assert set(shapes.waveform_frame(make.recording(content=None))["kind"]) == {"other"}
    assert shapes.shares(make.recording(content=None)) == ()


def test_shares_are_told_for_what_there_is(make):
    assert [said for _, said in shapes.shares(make.recording())] == [
        "Speech 73\u00a0%", "with pauses", "Music 18\u00a0%", "Silence 9\u00a0%",
    ]  # fmt: skip


def test_each_platform_has_its_line(make):
    assert shapes.target(Platform.YOUTUBE, make.recording()).lufs == -14
    assert shapes.target(Platform.TIKTOK, make.recording()).lufs == -18
    music = make.recording()
    music = music.model_copy(
        update={"content": music.content.model_copy(update={"music_share": 0.9, "speech_share": 0.0})}
    )
    assert shapes.target(Platform.TIKTOK, music).lufs == -16


@pytest.mark.parametrize(
    ("lufs", "tone", "says"),
    [
        (-14.5, "good", "Loudness is right"),
        (-22.0, "look", "Quieter than its target by 8 LU"),
        (-8.0, "plain", "Louder than its target by 6 LU"),
    ],
)
def test_loudness_is_judged_against_the_line(make, lufs, tone, says):
    loud = make.recording().loudness.model_copy(update={"integrated_lufs": lufs})
    [found, *_] = shapes.findings(make.recording(loudness=loud), Platform.YOUTUBE)
    assert (found.tone, found.says) == (tone, says)


def test_silence_and_clipping_are_worth_a_look(make):
    silent = make.recording().loudness.model_copy(update={"integrated_lufs": None, "true_peak_dbtp": None})
    assert shapes.findings(make.recording(loudness=silent), Platform.X)[0].says == "It is silent"
    hot = make.recording().loudness.model_copy(update={"true_peak_dbtp": 1.2})
    clipped = make.recording().quality.model_copy(update={"clipping_share": 0.02})
    said = {f.says for f in shapes.findings(make.recording(loudness=hot, quality=clipped), Platform.X)}
    assert {"Peaks run over full scale", "The recording is clipped"} <= said


def test_loudness_below_the_chart_stays_on_its_edge(make):
    curve = make.recording().loudness.short_term.model_copy(update={"values": (-70.0, -20.0)})
    loud = make.recording().loudness.model_copy(update={"short_term": curve})
    frame = shapes.loudness_frame(make.recording(loudness=loud))
    assert frame["lufs"].min() == shapes.QUIETEST_LUFS
    assert frame["words"].iloc[0] == "silent"
    assert frame["time"].iloc[-1] == 11.0


def test_pace_pauses_and_pitch_are_told_in_words(make):
    assert shapes.voice_sentence(make.recording()) == (
        "Conversational, about 150 words a minute; one pause, the longest 1\u00a0s; "
        "a voice around 128 Hz that moves over 10 semitones."
    )


def test_nothing_is_said_of_a_voice_where_nobody_speaks(make):
    voice = make.recording().voice.model_copy(update={"speech_share": 0.0, "speech_s": 0.0, "pauses": 0})
    mute = make.recording(voice=voice, pace=None)
    assert shapes.voice_sentence(mute) == ""
    assert [scale.name for scale in shapes.voice_scales(mute)] == ["Above its own noise"]
    assert not any("voice" in found.says for found in shapes.findings(mute, Platform.X))


def test_lines_that_the_model_guessed_are_marked(make):
    first, second = shapes.transcript_lines(make.recording())
    assert (shapes.unsure(first), shapes.unsure(second)) == (False, True)


def test_tempo_and_key_are_told_only_where_there_is_music(make):
    assert shapes.heard(make.recording()) == "Heard: speech and music."
    assert shapes.heard(AudioReading()) == ""
