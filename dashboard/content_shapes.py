"""From an analysis to what the content page says as a whole. No Streamlit in here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from creatorlens import api
from creatorlens.client import ApiError
from creatorlens.platforms import SPECS, Platform
from creatorlens.reading.analysis import Analysis, FileReading, Note
from creatorlens.reading.files import FileFacts, Flag, Identity, Safety
from dashboard import picture_shapes, sound_shapes, text_shapes, video_shapes, words
from dashboard.findings import Finding, exact, in_order, listed, sentence

KIND_WORDS = {
    "image": "picture",
    "video": "video",
    "audio": "recording",
    "text": "text",
    "archive": "archive",
}
FLAG_WORDS = {
    "nsfw": "nudity or sex", "suggestive": "suggestive pictures", "hate": "hate or violence in the words",
    "offensive": "offensive words", "malware": "malware",
}  # fmt: skip
PLAYS = {
    "video/mp4", "video/webm", "video/ogg", "video/quicktime", "video/x-m4v", "audio/mpeg", "audio/mp4", "audio/ogg",
    "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/flac", "audio/x-flac", "audio/webm", "audio/aac",
    "audio/x-m4a", "audio/opus",
}  # fmt: skip
"""What browsers play without help."""
NEAR_NAMES = {"image": "picture", "video": "film", "audio": "sound"}


@dataclass(frozen=True)
class Missing:
    """Parts that were not read for one reason: what they are, why, what that costs and what to do."""

    parts: str
    why: str
    costs: str
    command: str | None


def findings(analysis: Analysis, file: FileReading | None, platform: Platform) -> tuple[Finding, ...]:
    """What deserves a look first: of the file, the words and safety."""
    found: list[Finding] = [*safety_findings(analysis.safety)]
    if file is not None:
        if file.image is not None:
            found += picture_shapes.findings(file.image)
        if file.video is not None:
            found += video_shapes.findings(file.video, platform)
        if file.audio is not None:
            found += sound_shapes.findings(file.audio, platform)
        found += _alike(file.identity)
    if analysis.words is not None:
        found += text_shapes.findings(analysis.words, analysis.title, SPECS[platform].title_limit)
    return in_order(found)


def safety_findings(safety: Safety | None) -> tuple[Finding, ...]:
    if safety is None:
        return ()
    worst: dict[str, Flag] = {}
    for flag in safety.flags:
        if flag.what not in worst or flag.score > worst[flag.what].score:
            worst[flag.what] = flag
    flagged = [_flagged(flag) for flag in worst.values()]
    if safety.verdict in ("block", "review"):
        head = (
            "Do not publish it as it is"
            if safety.verdict == "block"
            else "Somebody should look before it is published"
        )
        return (
            Finding(
                "look", head, f"Possible {listed(flagged)}. Models err: look for yourself." if flagged else ""
            ),
        )
    return ()


def _flagged(flag: Flag) -> str:
    """What crossed its threshold, how likely it is and where."""
    where = f" at {exact(flag.at_s)}" if flag.at_s is not None else ""
    return f"{FLAG_WORDS[flag.what]} ({words.chance(flag.score)}{where})"


def _alike(identity: Identity | None) -> list[Finding]:
    same = {near.what for near in (identity.near if identity is not None else ()) if near.same}
    names = [name for what, name in NEAR_NAMES.items() if what in same]
    if not names:
        return []
    says = f"The same {listed(names)} {'has' if len(names) == 1 else 'have'} been read before"
    return [Finding("plain", says, "Perhaps at another size or quality, or in another file.")]


def safety_sentence(safety: Safety | None) -> str:
    """What was judged and what it came to, never more than that."""
    if safety is None:
        return "Nothing was judged."
    parts = []
    if safety.nsfw is not None:
        n = safety.nsfw.pictures
        where = "the picture" if n == 1 else f"{n} pictures"
        parts.append(f"Explicit content in {where}: highest chance {words.chance(safety.nsfw.highest)}.")
    if safety.hate is not None:
        parts.append(f"Hate or insult in the words: {words.chance(safety.hate)}.")
    if safety.malware.status == "clean":
        parts.append("No malware found.")
    elif safety.malware.status == "infected":
        parts.append(f"Malware found: {safety.malware.finding or 'unnamed'}.")
    heads = {
        "pass": "**Nothing found** that stands in the way of publishing.",
        "review": "**Somebody should look** before it is published.",
        "block": "**Not to be published** as it is.",
        "unknown": "**Not fully judged**: part of what it takes is missing here.",
    }
    return " ".join([heads[safety.verdict], *parts])


def near_lines(identity: Identity | None) -> tuple[str, ...]:
    """One line a file that is alike, most alike first."""
    near = identity.near if identity is not None else ()
    return tuple(
        f"{'The same' if one.same else 'A similar'} {NEAR_NAMES[one.what]}, {words.share(one.similarity)} equal, "
        f"in file `{one.id[:8]}`"
        for one in near[:5]
    )


def plays(file: FileFacts) -> bool:
    return file.mime in PLAYS


def about(file: FileFacts) -> str:
    """'clip.mp4 · video · 2.4 MB'."""
    size = file.bytes / 1e6
    amount = f"{size:.1f} MB" if size >= 1 else f"{max(1, round(file.bytes / 1e3))} kB"
    return f"{words.short(file.name, 40)} · {KIND_WORDS[file.kind]} · {amount}"


def missing(notes: tuple[Note, ...]) -> tuple[Missing, ...]:
    """Notes gathered by their reason, so that one missing model is told once."""
    by_reason: dict[str, list[Note]] = {}
    for note in notes:
        by_reason.setdefault(note.why, []).append(note)
    return tuple(_missing(why, told) for why, told in by_reason.items())


def _missing(why: str, told: list[Note]) -> Missing:
    run = command(why)
    reason = why if run is None else re.split(rf"[:;,]?\s*(?:run )?`?{re.escape(run)}`?", why)[0]
    costs = dict.fromkeys(sentence(note.costs) for note in told if note.costs)
    parts = dict.fromkeys(part_words(note.what) for note in told)
    return Missing(listed(parts), sentence(reason), " ".join(costs), run)


PART_WORDS = {
    "image.words": "text in the picture", "image.technical_quality": "technical quality", "image.aesthetic": "aesthetic quality",
    "image.embedding": "likeness of pictures", "image.safety": "safety of the picture", "image.faces": "faces",
    "image.objects": "objects", "image.scene": "scene", "image.subject": "subject", "audio.content": "speech and music",
    "audio.clarity": "clarity of the voice", "audio.emotion": "emotion of the voice", "audio.notes": "notes",
    "audio.pace": "pace", "audio.transcript": "what is said", "audio.voice": "where somebody speaks",
    "safety.malware": "scan for malware", "safety.nsfw": "judgement of the picture", "safety.hate": "judgement of the words",
    "text.embedding": "meaning of the words", "text.entities": "names in the words", "text.emotion": "emotion of the words",
    "text.hate": "hate in the words", "text.topics": "topics", "text.channel": "likeness to earlier titles",
    "text.translation": "translation", "text.agreement": "agreement of title, text and speech", "text.sentiment": "mood of the words",
}  # fmt: skip


def part_words(what: str) -> str:
    """'image.faces' → 'faces'; what has no words of its own keeps its name."""
    name = what.replace("words.", "text.", 1) if what.startswith("words.") else what
    return PART_WORDS.get(name, name.rpartition(".")[2].replace("_", " "))


def command(why: str) -> str | None:
    """A command that the reason itself names."""
    quoted = re.search(r"creatorlens [a-z]+(?: [\w./:=-]+)*", why.replace("`", " "))
    return quoted.group(0).strip().rstrip(".") if quoted else None


@dataclass(frozen=True)
class Refused:
    """`name` of the file, what is the matter and what to do."""

    name: str
    says: str
    hint: str


def refused(analysis: Analysis) -> tuple[Refused, ...]:
    return tuple(
        Refused(one.name, sentence(one.refusal.words), sentence(one.refusal.hint or ""))
        for one in analysis.refused
    )


def refusal(error: ApiError) -> tuple[Refused, ...]:
    """The files that a refused request was about; empty where it was about something else."""
    if error.status not in (413, 415, 422):
        return ()
    problem: api.Problem = error.problem
    if not problem.errors:
        return (Refused("", sentence(problem.detail or problem.title), ""),)
    return tuple(
        Refused(one.field or "", sentence(one.message), sentence(one.hint or "")) for one in problem.errors
    )
