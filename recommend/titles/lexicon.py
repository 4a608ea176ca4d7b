"""Words that carry no claim of their own, and words that do.

A candidate may add closed-class words (articles, pronouns, prepositions, auxiliaries, question words) and nothing else.
"""

from __future__ import annotations

import re

from features.nlp.stopwords import OTHERS

_CLOSED = """a about after against am among an and any are as at be because been before being between but by can could did do
    does doing during each either for from had has have having he her here here's hers him his how i i'd i'll i'm i've if
    in into is it it's its let's me my of off on one's onto or our ours out over she should so some such than that that's
    the their theirs them then there there's these they they're they've this those through to toward under until up upon us
    vs was we we'd we'll we're we've were what what's when where which while who who's whose why will with would you you'd
    you'll you're you've your yours how's where's"""
CLOSED_ENGLISH: frozenset[str] = frozenset(_CLOSED.split())
"""Without negations and quantifiers (not, never, all, only, every, most): those change what is claimed."""

_CLAIMS = """jamais nie nunca mai never ne pas non nicht kein nessun ningún ninguna tout alle toutes tous más mas mehr plus tutti
    più siempre toujours sempre immer không nada kommer tidak"""
CLOSED_ELSEWHERE: frozenset[str] = frozenset(OTHERS.split()) - frozenset(_CLAIMS.split())

PROMISES = re.compile(
    r"(?i)\b(?:best|worst|greatest|biggest|fastest|easiest|cheapest|ultimate|perfect|guaranteed?|proven|"
    r"secrets?|the truth|(?:you )?won'?t believe|mind-?blowing|shocking|insane|unbelievable|life-?chang\w+|game-?changer|"
    r"hacks?|viral|free|exposed|must(?:-| )see|100 ?%|instantly|miracle|hidden|revealed|never seen|nobody knows|"
    r"everyone|everybody|always|never|only|incroyable|choc|secret|gratuit|increíble|secreto|gratis|"
    r"unglaublich|geheim|kostenlos|incredibile|segreto)\b"
)
"""What must be kept if it is said; allowed where the content itself says it."""

BAIT = re.compile(
    r"(?i)\b(?:you won'?t believe|what happen(?:s|ed) next|will (?:shock|blow)|doctors hate|this one (?:simple |weird )?trick|"
    r"gone wrong|wait (?:for it|till the end)|number \d+ will|jaw-?dropping)\b"
)

FILLERS = re.compile(
    r"(?i)(?<!\bnot )(?<!n't )(?<!n’t )(?<![.!?] )(?<!\bthe )(?<!\bis it )(?<!\ba )(?<!\ban )\b(?:really|very|actually|literally|basically|totally|simply|"
    r"definitely|absolutely|honestly|seriously|just)\s+(?!not\b|as\b|like\b|in\b|right\b|a\b|the\b|one\b)(?=[a-z])"
)
OPENERS = re.compile(
    r"(?i)^(?:(?:hey|hi|hello)(?:,? (?:guys|everyone|everybody|all|folks))?[,!.:]+\s*|so,?\s+|(?:new )?(?:video|vlog|post)"
    r"\s*[:|–—-]\s*|omg[,!]*\s+|ok(?:ay)?[,!]\s*|well,\s*)"
)

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
NUMBER_WORDS = {word: value for value, word in enumerate(_SMALL.split())} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
     "thousand": 1000, "million": 1_000_000, "dozen": 12}  # fmt: skip

UNITS = (
    r"(?:second|minute|hour|day|week|month|year|night|step|tip|way|reason|mistake|idea|rule|lesson|trick|exercise|recipe|"
    r"ingredient|part|try|attempt|metre|meter|mile|km|kg|gram|litre|liter|inch|foot|feet|euro|dollar|pound|people|square "
    r"metre|square meter)(?:s|es)?"
)
DISCLOSES = re.compile(
    r"(?i)#(?:ad|adv|ads|advert\w*|sponsored|sponsor|spon|supplied|gifted|werbung|anzeige|publicité|collaborationcommerciale|"
    r"publicidad|pubblicità|paidpartnership|partner|prpackage)\b|\b(?:paid partnership|sponsored by|anzeige|werbung|"
    r"collaboration commerciale|advertisement)\b"
)
"""That somebody paid: law and platforms want it to stay."""
MENTION = re.compile(r"(?<![\w@])@\w[\w.]*")
CALLS = re.compile(
    r"(?i)\b(?:link in (?:the )?(?:bio|description)|subscribe|follow (?:me|us|for|along)|like and|comment (?:below|down)|"
    r"let (?:me|us) know|tell me (?:what|which|how|where|your|about|in)\b|tag (?:a|your|someone)|share (?:this|with)|save (?:it|this)|check (?:it|this|out)|"
    r"full version|use code|thanks to|saving this|what should i|join |sign up|https?://|www\.)"
)
"""Calls to do something and thanks: they belong at the end and are no headline."""
