"""The words of the sample corpus: titles, captions and hashtags from small grammars, one per niche.

Every piece knows its traits (topic, question, number, ...), because the sample's outcomes depend on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Niche:
    """`month_peak` is when interest peaks (1-12, fractions allowed); `topics` in the order of fashion."""

    name: str
    month_peak: float
    category: str
    people: str
    topics: tuple[str, ...]
    troubles: tuple[str, ...]
    doings: tuple[str, ...]
    details: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """One title (or first line) with what is true of it."""

    title: str
    topic: int
    question: bool
    number: bool
    shouting: bool
    emoji: bool


NICHES: tuple[Niche, ...] = (
    Niche(
        "baking", 12.2, "Howto & Style", "home bakers",
        ("sourdough loaves", "cinnamon rolls", "flatbreads", "croissants", "birthday cakes", "macarons", "rye rolls"),
        ("stay dense", "collapse in the oven", "taste of nothing", "spread so much", "stick to the tin"),
        ("proof overnight", "laminate by hand", "bake in a cast-iron pot", "weigh instead of guess"),
        ("a cold kitchen", "supermarket flour", "one bowl", "leftover starter", "half the sugar"),
        ("baking", "homebaking", "breadmaking", "bakersgonnabake", "dessert"),
    ),
    Niche(
        "gardening", 4.8, "Howto & Style", "balcony gardeners",
        ("tomatoes", "raised beds", "compost bins", "dahlias", "seedlings", "garlic bulbs", "wildlife ponds"),
        ("turn yellow", "go leggy", "smell so bad", "refuse to flower", "get eaten overnight"),
        ("prune in spring", "mulch with leaves", "save seeds", "water from below"),
        ("clay soil", "a north-facing balcony", "no budget", "a late frost", "two square metres"),
        ("gardening", "growyourown", "urbangarden", "plantsofinstagram", "allotment"),
    ),
    Niche(
        "cycling", 6.2, "Sports", "commuters",
        ("gravel bikes", "tubeless tyres", "hill climbs", "bikepacking trips", "winter rides", "old brakes"),
        ("squeak", "feel so slow", "lose air", "hurt my knees", "skip under load"),
        ("index the gears", "pack for three days", "descend in the rain", "train by heart rate"),
        ("a second-hand frame", "headwind", "one water bottle", "frozen fingers", "an old steel bike"),
        ("cycling", "bikelife", "gravelbike", "cyclinglife", "roadbike"),
    ),
    Niche(
        "fitness", 1.3, "Sports", "beginners",
        ("pull-ups", "morning runs", "kettlebells", "mobility drills", "sleep habits", "protein snacks", "rest days"),
        ("stall", "hurt the next day", "feel impossible", "stop working after a month"),
        ("warm up in five minutes", "train with no equipment", "count sets, not hours", "run slowly"),
        ("no gym", "a busy week", "bad knees", "a hotel room", "twenty minutes"),
        ("fitness", "homeworkout", "running", "strengthtraining", "healthyhabits"),
    ),
    Niche(
        "astronomy", 8.4, "Science & Technology", "stargazers",
        ("Saturn photos", "Milky Way shots", "meteor showers", "star trails", "lunar close-ups", "deep-sky photos"),
        ("look blurry", "come out orange", "disappear at midnight", "drift out of the frame"),
        ("polar-align in two minutes", "stack a hundred frames", "find a dark sky", "focus on a bright star"),
        ("a phone", "binoculars", "city lights", "a full moon", "a wooden tripod"),
        ("astronomy", "astrophotography", "nightsky", "stargazing", "space"),
    ),
    Niche(
        "repair", 10.6, "Howto & Style", "tenants",
        ("dripping taps", "squeaky floors", "old windows", "washing machines", "plaster walls", "door hinges"),
        ("leak again", "crack after a week", "sound so loud", "let the cold in"),
        ("seal a draught", "patch a wall", "sharpen a chisel", "bleed a radiator"),
        ("one screwdriver", "a rented flat", "no drill", "ten euros", "grandfather's tools"),
        ("diy", "homerepair", "fixit", "woodworking", "renovation"),
    ),
    Niche(
        "travel", 7.4, "Travel & Events", "slow travellers",
        ("night trains", "small towns", "street-food stalls", "packing lists", "mountain huts", "ferry trips"),
        ("cost so much", "feel rushed", "get cancelled", "look better in photos"),
        ("book three months ahead", "plan without an app", "travel with a child", "eat where locals eat"),
        ("one backpack", "a rainy week", "fifty euros a day", "a missed connection", "no plan"),
        ("travel", "slowtravel", "traveltips", "trainlife", "wanderlust"),
    ),
    Niche(
        "music", 11.4, "Music", "self-taught players",
        ("barre chords", "fingerstyle", "ear-training drills", "home recordings", "jazz chords", "practice routines"),
        ("buzz", "fall apart at tempo", "sound thin", "hurt my hand"),
        ("tune by ear", "practise with a metronome", "record vocals in a wardrobe", "memorise a song"),
        ("a cheap guitar", "noisy neighbours", "fifteen minutes a day", "one microphone", "old strings"),
        ("music", "guitar", "musicpractice", "homestudio", "learnmusic"),
    ),
)  # fmt: skip

_QUESTIONS = (
    "Why do my {topic} {trouble}?",
    "Can you {doing} with {detail}?",
    "Is it worth it to {doing}?",
    "What nobody asks about {topic}: why do they {trouble}?",
    "Should {people} care about {topic}?",
)
_NUMBERS = (
    "{n} {topic} mistakes {people} make",
    "{n} ways to {doing}",
    "I tried {topic} for {n} days",
    "{n} things I wish I knew about {topic}",
    "{topic}: {n} tips for {people}",
)
_PLAIN = (
    "How I {doing} with {detail}",
    "The truth about {topic}",
    "{topic} with {detail}",
    "A beginner's guide to {topic}",
    "What {detail} taught me about {topic}",
    "{topic}, from start to finish",
    "My {season} {topic} routine",
    "Learning to {doing}",
)
_TAILS = (" (step by step)", " – what worked", " | part {k}", ", and what went wrong", " in real time")
_EMOJI = ("✨", "🔥", "😅", "🙌", "❤️", "👀", "🌱", "🎉")
_SEASONS = ("winter", "winter", "spring", "spring", "spring", "summer",
            "summer", "summer", "autumn", "autumn", "autumn", "winter")  # fmt: skip
_OPENERS = (
    "It took me far too long to get this right.",
    "You asked for this one, so here it is.",
    "Not my best day, but I learned a lot.",
    "Saving this for everyone who messaged me about {topic}.",
    "We tried it with {detail} and it still worked.",
    "Third attempt. Worth it.",
)
_CLOSERS = (
    "Tell me what you would do differently.",
    "Save it for later.",
    "Full version on the channel.",
    "Thanks to @user for the idea!",
    "Link in bio.",
    "What should I try next?",
)
_COMMON_TAGS = ("tutorial", "tips", "learn", "weekend", "behindthescenes", "howto")


def write(
    rng: np.random.Generator, niche: Niche, *, month: int, habits: tuple[float, float, float]
) -> Written:
    """A title in the niche. `habits`: the channel's chances of a question, a number and shouting."""
    topic = int(rng.choice(len(niche.topics), p=_fashion(len(niche.topics))))
    kind = rng.random()
    question = kind < habits[0]
    number = not question and kind < habits[0] + habits[1]
    templates = _QUESTIONS if question else _NUMBERS if number else _PLAIN
    title = _pick(rng, templates).format(
        topic=niche.topics[topic],
        trouble=_pick(rng, niche.troubles),
        doing=_pick(rng, niche.doings),
        detail=_pick(rng, niche.details),
        people=niche.people,
        season=_SEASONS[month - 1],
        n=int(rng.choice([3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 21, 30])),
    )
    if not question and rng.random() < 0.35:
        title += _pick(rng, _TAILS).format(k=int(rng.integers(2, 9)))
    shouting = bool(rng.random() < habits[2])
    if shouting:
        words = title.split()
        at = int(rng.integers(len(words)))
        title = " ".join(w.upper() if i in (at, at + 1) else w for i, w in enumerate(words))
    emoji = bool(rng.random() < 0.2)
    title = title[0].upper() + title[1:] + (f" {_pick(rng, _EMOJI)}" if emoji else "")
    return Written(title, topic, question, number or " part " in title, shouting, emoji)


def caption(rng: np.random.Generator, niche: Niche, written: Written, tags: tuple[str, ...]) -> str:
    """The text beneath: the title's line, some sentences, the hashtags inline as people write them."""
    fill = {"topic": niche.topics[written.topic], "detail": _pick(rng, niche.details)}
    lines = [written.title]
    if rng.random() < 0.75:
        lines.append(_pick(rng, _OPENERS).format(**fill))
    if rng.random() < 0.6:
        lines.append(_pick(rng, _CLOSERS))
    if tags:
        lines.append(" ".join(f"#{tag}" for tag in tags))
    return "\n".join(lines)


def hashtags(rng: np.random.Generator, niche: Niche, written: Written, mean: float) -> tuple[str, ...]:
    """Some of the niche's tags, one of the topic, some common ones; about `mean` of them."""
    topic_tag = "".join(ch for ch in niche.topics[written.topic].lower() if ch.isalnum())
    pool = [topic_tag, *niche.tags, *_COMMON_TAGS]
    count = int(min(len(pool), rng.poisson(mean)))
    weights = np.array([4.0] + [2.0] * len(niche.tags) + [1.0] * len(_COMMON_TAGS))
    chosen = rng.choice(len(pool), size=count, replace=False, p=weights / weights.sum())
    return tuple(pool[i] for i in chosen)


def _fashion(n: int) -> np.ndarray:
    weights = 1.0 / (1.0 + 0.25 * np.arange(n))
    return weights / weights.sum()


def _pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]
