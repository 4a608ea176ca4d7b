"""Words that carry no subject of their own, in the languages of most of our posts; compared in lower case."""

from __future__ import annotations

ENGLISH = """a about after again all also am an and any are as at back be because been before being but by can can't
cannot could did didn't do does doesn't doing don't down during each even few for from get gets getting go goes going
got had has hasn't have haven't having he her here here's hers him his how i i'd i'll i'm i've if in into is isn't it
it's its just let let's like made make makes many me more most much my myself new no nor not now of off on once one only
or other our out over own really same say says see she should so some still such than that that's the their them then
there there's these they they're this those through to too under until up us use used using very via want was wasn't way
we we're were what what's when where which while who why will with won't would you you'll you're you've your yours"""
OTHERS = """
al algo como con cuando de del donde el ella ellos en entre era es esa ese eso esta está este esto fue ha hasta hay la
las le lo los mas más me mi muy no nos o para pero por porque que qué se ser si sin sobre son su sus también te tu un
una uno y ya yo
à au aux avec ce ces cette c'est comme comment dans des du elle est et être fait il ils je j'ai l la leur les leurs ma
mais mes mon ne nos notre nous on ont où ou par pas pour plus pourquoi qu que quel qui s sa sans ses son sont sur tout
très tu une vos votre vous
aber als am an auch auf aus bei bin bis da das dass dem den der des die dir doch du durch ein eine einem einen einer er
es für hat hier ich ihr im in ist ja kann kein mein mich mir mit nach nicht noch nur oder sein sich sie sind so über um
und uns unter vom von vor war was wenn wer wie wir wird zu zum zur
ao aos as até com da das do dos e ela ele em essa esse esta este eu foi isso já mais mas meu minha na não nas nem no nos
num o os ou para pela pelo por porque quando quem sem ser seu sua são só também te tem um uma você
agli ai alla alle anche che chi ci come con cui da dal dalla degli dei del della delle di e è ed gli ha hanno ho i il io
la le lei lo loro ma mi mia mio nel nella non o per perché più quando quello questa questo se si sono su tra tu un una
và là của có cho không các một những được trong đã với này để khi người thì mà cũng như ở về từ đến ra nhé nha
yang dan di ke dari ini itu untuk dengan tidak ada adalah pada saya kamu aku yg juga akan bisa sudah
ve bir bu da de için ile çok ne mi gibi daha ama var ben sen o en
и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по ее мне было вот от меня о из ему
это для мы или если уже ни быть
की के का है में से को और पर यह हैं ने एक भी हो था थी कर नहीं
في من على إلى عن أن هذا هذه التي الذي ما لا مع كان هو هي
het een de van en ik je niet dat op te zijn voor met er aan
"""
LINKS = "http https www com amp rt html"

STOP_WORDS: frozenset[str] = frozenset((ENGLISH + OTHERS + LINKS).split())
