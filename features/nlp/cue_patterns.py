"""What titles use to be clicked, as patterns that RE2 (whole columns) and Python's re both read.

Word lists are English; signs and digits hold in any language. `\\b` is between ASCII letters for RE2: only
patterns of ASCII words use it.
"""

from __future__ import annotations

from creatorlens.reading.text import CueKind

NUMBER_WORDS = r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|fifty|hundred"

CUES: dict[CueKind, str] = {
    "question": r"[^.!?？؟\n]{0,200}[?？؟]",
    "number": rf"(?i)[$€£#]?[0-9]+(?:[.,:][0-9]+)*(?:%|k\b|m\b)?|\b(?:{NUMBER_WORDS})\b",
    "bracket": r"\[[^\[\]\n]{1,100}\]|\([^()\n]{1,100}\)|【[^【】\n]{1,100}】|（[^（）\n]{1,100}）",
    "list": (
        rf"(?i)\b(?:top[ -])?(?:[0-9]{{1,3}}|{NUMBER_WORDS})\s+(?:[a-z'-]+\s+){{0,3}}?"
        r"(?:ways?|things|reasons|tips|tricks|hacks|facts|mistakes|ideas|steps|signs|lessons|habits|rules|secrets|"
        r"questions|people|photos|pictures|times|places|products|tools|apps|songs|movies|books|examples|myths|lies|"
        r"charts|quotes|items|features|recipes|exercises|gadgets|stories|moments)\b|\btop[ -][0-9]{1,3}\b"
    ),
    "superlative": (
        r"(?i)\b(?:best|worst|most|least|greatest|biggest|smallest|largest|fastest|slowest|cheapest|easiest|hardest|"
        r"strongest|weirdest|craziest|funniest|scariest|cutest|coolest|hottest|saddest|happiest|smartest|dumbest|"
        r"richest|oldest|youngest|newest|longest|shortest|highest|lowest|simplest|rarest|deadliest|ultimate|"
        r"perfect|ever|of all time|number one|no\. ?1)\b|#1\b"
    ),
    "urgency": (
        r"(?i)\b(?:now|today|tonight|hurry|asap|right away|immediately|last chance|limited time|limited edition|"
        r"ends (?:soon|today|tonight)|deadline|before it'?s too late|too late|don'?t wait|while (?:you|it) (?:still )?"
        r"can|breaking|just in|final (?:day|hours|call)|only [0-9]+ (?:left|days|hours)|urgent)\b"
    ),
    "curiosity": (
        r"(?i)\b(?:secrets?|the truth|the real reason|reasons? why|here'?s (?:why|how|what)|this is (?:why|how|what)|"
        r"that'?s why|what happen(?:s|ed)(?: next)?|what (?:he|she|they|it|i|we) (?:did|said|saw|found)|"
        r"(?:you )?won'?t believe|wait (?:till|until|for it)|find out|guess (?:what|who|why|how)|turns out|"
        r"no ?(?:one|body) (?:tells|told|talks|knows|knew)|never (?:knew|thought|expected|seen)|"
        r"(?:didn'?t|don'?t|never) know|myster(?:y|ious)|reveal(?:s|ed|ing)?|hidden|unexpected(?:ly)?|surpris\w+|"
        r"will (?:shock|surprise|blow|make|change|leave)|the (?:one|only|last|first) (?:thing|reason|way|person|time)|"
        r"this (?:one|simple|little|weird|guy|man|woman|girl|boy|kid|thing|video|trick)|what if)\b"
    ),
    "call_to_action": (
        r"(?i)\b(?:link in (?:the )?(?:bio|description)|subscribe|follow (?:me|us|for|along)|like and|comment (?:below|"
        r"down|your)|let (?:me|us) know|tell (?:me|us)|tag (?:a|your|someone|us)|share (?:this|with|your|if)|"
        r"sign up|join (?:us|me|now|the)|click|tap|swipe(?: up| left)?|download|buy now|shop now|order now|use code|"
        r"check (?:it|this|out|us)|try (?:it|this)|watch (?:this|till|until|the full)|save (?:this|it) for|giveaway|dm (?:me|us))\b"
    ),
    "second_person": r"(?i)\b(?:you'?(?:re|ll|ve|d)|yourself|yours|your|you|ur|u)\b",
    "negation": (
        r"(?i)\b(?:no|not|never|nothing|nobody|none|without|stop|avoid|don'?t|doesn'?t|didn'?t|can'?t|won'?t|isn'?t|"
        r"aren'?t|wasn'?t|couldn'?t|shouldn'?t|wouldn'?t|haven'?t|hasn'?t)\b"
    ),
    "emphasis": (
        r"\b[A-Z]{4,}\b|[!！]+|(?i:\b(?:shocking|insane|amazing|incredible|unbelievable|epic|crazy|awesome|hilarious|"
        r"heartbreaking|stunning|mind-?blowing|genius|brilliant|terrifying|horrifying|outrageous|gorgeous|brutal|"
        r"jaw-?dropping|powerful|huge|massive)\b)"
    ),
}
"""By kind; each match is words a creator can point at."""
