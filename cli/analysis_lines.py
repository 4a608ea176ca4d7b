"""What a person reads of an analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from creatorlens.reading.analysis import Analysis


def lines_of(found: Analysis) -> list[str]:
    lines = [line for one in found.files for line in _file_lines(one)]
    if found.words is not None:
        lines += ["words", *_pairs(_words(found.words))]
    if found.safety is not None:
        flags = ", ".join(f"{flag.what} {flag.score:.2f}" for flag in found.safety.flags)
        lines.append(f"safety: {found.safety.verdict}" + (f" ({flags})" if flags else ""))
    lines += [
        f"absent: {note.what}: {note.why}" + (f" ({note.costs})" if note.costs else "")
        for note in found.notes
    ]
    lines += [f"refused: {one.name}: {one.refusal.reason}: {one.refusal.words}" for one in found.refused]
    if found.files or found.words is not None:
        lines.append(f"analysis {found.analysis_id} in {found.seconds:.1f} s")
    return lines


def _file_lines(one: Any) -> list[str]:
    known = f", {len(one.from_cache)} parts known already" if one.from_cache else ""
    lines = [f"{one.file.name}: {one.file.mime}, {one.file.bytes:,} bytes{known}"]
    told: dict[str, object] = {}
    if one.image is not None:
        told |= _image(one.image)
    if one.video is not None:
        told |= _video(one.video)
    if one.audio is not None:
        told |= _audio(one.audio)
    if one.channel_look is not None:
        told["like the channel's pictures"] = (
            f"{one.channel_look.consistency:.2f} ({one.channel_look.earlier})"
        )
    if one.identity is not None and one.identity.near:
        near = one.identity.near[0]
        told["looks like"] = f"{near.id[:12]} ({'the same work' if near.same else f'{near.similarity:.2f}'})"
    return [*lines, *_pairs(told)]


def _image(image: Any) -> dict[str, object]:
    told: dict[str, object] = {}
    if image.facts:
        told["size"] = f"{image.facts.width} x {image.facts.height}"
    if image.look:
        told["light and colour"] = (
            f"brightness {image.look.brightness:.2f}, contrast {image.look.contrast:.2f}, "
            f"colourfulness {image.look.colourfulness:.0f}, sharpness {image.look.sharpness:.0f}"
        )
    if image.faces:
        told["faces"] = f"{image.faces.count}" + (
            f", {image.faces.expression}" if image.faces.expression else ""
        )
    if image.objects and image.objects.things:
        told["objects"] = ", ".join(f"{n} {label}" for label, n in image.objects.counts.items())
    if image.scene:
        told["scene"] = ", ".join(f"{one.label} {one.score:.2f}" for one in image.scene.classes[:3])
    if image.words and image.words.regions:
        told["text"] = image.words.text.replace("\n", " / ")
        told["legibility on a phone"] = f"{image.words.legibility:.2f}"
    return told


def _video(video: Any) -> dict[str, object]:
    told: dict[str, object] = {}
    if video.container:
        told["video"] = (
            f"{video.container.width} x {video.container.height}, {video.container.duration_s:.1f} s"
        )
    if video.cuts:
        told["cuts"] = f"{len(video.cuts.times_s)}, {video.cuts.per_minute:.1f} a minute"
    if video.motion:
        told["motion"] = f"{video.motion.mean:.3f} heights a second"
    if video.thumbnails and video.thumbnails.candidates:
        told["best thumbnails at"] = ", ".join(
            f"{one.time_s:.1f} s" for one in video.thumbnails.candidates[:3]
        )
    return told


def _audio(audio: Any) -> dict[str, object]:
    told: dict[str, object] = {}
    if audio.loudness and audio.loudness.integrated_lufs is not None:
        told["loudness"] = (
            f"{audio.loudness.integrated_lufs:.1f} LUFS, peak {audio.loudness.true_peak_dbtp:.1f} dBTP"
        )
    if audio.content:
        told["heard"] = ", ".join(
            f"{name} {getattr(audio.content, f'{name}_share'):.0%}"
            for name in ("speech", "music", "silence", "other")
        )
    if audio.transcript and audio.transcript.text:
        told["said"] = audio.transcript.text[:200]
    return told


def _words(words: Any) -> dict[str, object]:
    told: dict[str, object] = {}
    if words.language:
        told["language"] = words.language.code
    if words.sentiment:
        told["sentiment"] = f"{words.sentiment.compound:+.2f}"
    if words.keywords:
        told["keywords"] = ", ".join(one.phrase for one in words.keywords.phrases[:6])
    if words.cues:
        told["cues"] = ", ".join(one.kind for one in words.cues.cues)
    if words.channel:
        told["novelty"] = f"{words.channel.novelty:.2f}, nearest: {words.channel.nearest}"
    return told


def _pairs(told: dict[str, object]) -> list[str]:
    return [f"  {name}: {value}" for name, value in told.items()]
