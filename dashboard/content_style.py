"""How the markup of the content page looks, in the colours of the theme; and the script that moves the player."""

from __future__ import annotations

from dataclasses import asdict

from dashboard.palette import Palette

_RULES = """
.cl-pic{position:relative;display:inline-block;margin:0;max-width:100%;border-radius:10px;overflow:hidden;line-height:0;background:var(--cl-raised)}
.cl-pic img{display:block;max-width:100%;max-height:66vh}
.cl-whole img{width:100%;max-height:none!important}
.cl-pic .cl-heat{position:absolute;inset:0;width:100%;height:100%;max-height:none;pointer-events:none}
.cl-thirds{position:absolute;inset:0;pointer-events:none;background:
 linear-gradient(to right,transparent calc(33.33% - .5px),#fffc 0 calc(33.33% + .5px),transparent 0 calc(66.66% - .5px),#fffc 0 calc(66.66% + .5px),transparent 0),
 linear-gradient(to bottom,transparent calc(33.33% - .5px),#fffc 0 calc(33.33% + .5px),transparent 0 calc(66.66% - .5px),#fffc 0 calc(66.66% + .5px),transparent 0)}
.cl-focus{position:absolute;border:1.5px dashed #fff;border-radius:6px;box-shadow:0 0 0 1px #0006}
.cl-box{position:absolute;border:2px solid var(--cl-c);border-radius:5px;box-shadow:0 0 0 1px #0007,inset 0 0 0 1px #0004}
.cl-box b{position:absolute;left:-2px;bottom:100%;background:var(--cl-c);color:#fff;font:600 11px/1.35 inherit;font-size:11px;line-height:1.35;padding:1px 6px;border-radius:5px 5px 5px 0;white-space:nowrap;text-shadow:0 0 2px #0008}
.cl-box.cl-low b{bottom:auto;top:0;left:0;border-radius:3px 0 5px 0}
.cl-box.cl-right b{left:auto;right:-2px;border-radius:5px 5px 0 5px}
.cl-face{--cl-c:#e07b1f}.cl-thing{--cl-c:#2f6fd0}.cl-lettering{--cl-c:#0f9d86}
.cl-strip{display:flex;gap:.55rem;overflow-x:auto;list-style:none;margin:0;padding:.1rem .1rem .5rem;scrollbar-width:thin}
.cl-findings li,.cl-strip li,.cl-cards li,.cl-lines li,.cl-legend li{margin:0!important}
.cl-strip li{flex:0 0 auto;margin:0;width:clamp(132px,19vw,168px)}
.cl-shot{all:unset;cursor:pointer;display:block;border-radius:10px;width:100%}
.cl-shot:focus-visible{outline:2px solid var(--cl-forecast);outline-offset:2px}
.cl-shot .cl-pic{display:block}.cl-shot img{width:100%;max-height:230px;object-fit:fill}
.cl-shot .cl-box{border-width:1.5px}.cl-shot .cl-box b{font-size:9.5px;padding:0 4px;left:-1.5px}
.cl-at{display:block;font-size:12px;line-height:1.5;color:var(--cl-muted);padding-top:.15rem;font-variant-numeric:tabular-nums}
.cl-shot:hover .cl-at,.cl-now .cl-at{color:var(--cl-forecast);font-weight:600}
.cl-cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:.9rem .8rem;list-style:none;margin:0;padding:0}
.cl-cards li{margin:0;padding:0}.cl-cards p{font-size:12.5px;line-height:1.4;margin:.1rem 0 0;color:var(--cl-muted)}
.cl-cards p.cl-first{color:var(--cl-ink)}
.cl-cards li:first-child .cl-pic{box-shadow:0 0 0 2px var(--cl-forecast)}
.cl-badge{position:absolute;left:6px;top:6px;background:#0b0f18cc;color:#fff;font:600 12px/1 inherit;font-style:normal;font-size:12px;line-height:1;padding:4px 7px;border-radius:7px}
.cl-palette>div{display:flex;height:34px;border-radius:9px;overflow:hidden;box-shadow:inset 0 0 0 1px var(--cl-faint)}
.cl-palette p{display:flex;flex-wrap:wrap;gap:.2rem .9rem;margin:.4rem 0 0}
.cl-palette code{background:none;padding:0;font-size:12px;color:var(--cl-muted)}
.cl-palette code i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:5px;vertical-align:-1px;box-shadow:inset 0 0 0 1px #8886}
.cl-phone{display:flex;gap:10px;max-width:390px;padding:12px;border-radius:16px;background:var(--cl-raised);border:1px solid var(--cl-faint);align-items:flex-start}
.cl-phone>span{flex:0 0 168px;border-radius:8px;overflow:hidden;line-height:0}.cl-phone img{width:168px;display:block}
.cl-phone.cl-vertical img{height:298px;object-fit:cover}
.cl-phone b{display:-webkit-box;-webkit-line-clamp:3;-webkit-box-orient:vertical;overflow:hidden;font-size:14px;line-height:1.3;font-weight:550;overflow-wrap:anywhere;color:var(--cl-ink)}
.cl-phone small{display:block;margin-top:4px;font-size:12px;color:var(--cl-muted)}
.cl-findings,.cl-chips,.cl-legend,.cl-strip,.cl-cards,.cl-lines{margin:0!important;padding-left:0!important}
.cl-findings{list-style:none;margin:0;padding:0;display:grid;gap:.62rem}
.cl-findings li{display:flex;gap:.6rem;margin:0;padding:0;align-items:flex-start}
.cl-findings i{flex:0 0 20px;height:20px;border-radius:50%;display:grid;place-items:center;font:700 12px/1 inherit;font-style:normal;font-size:12px;line-height:1;margin-top:1px;color:#fff;background:var(--cl-other)}
.cl-findings .cl-look i{background:#c9641c}.cl-findings .cl-good i{background:#0f8a76}
.cl-findings b{font-weight:600;font-size:14.5px;line-height:1.4}.cl-findings p{margin:.05rem 0 0;font-size:13px;line-height:1.42;color:var(--cl-muted)}
.cl-chips{display:flex;flex-wrap:wrap;gap:.4rem;list-style:none;margin:0;padding:0}
.cl-chips li{margin:0;padding:.16rem .62rem;border-radius:99px;background:var(--cl-raised);border:1px solid var(--cl-faint);font-size:13px;line-height:1.5}
.cl-said{font-size:1.06rem;line-height:1.62;margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
.cl-said mark{background:color-mix(in srgb,var(--cl-forecast) 20%,transparent);color:inherit;border-radius:4px;padding:.02em .12em;box-shadow:inset 0 -2px var(--cl-forecast)}
.cl-said small{display:block;font-size:12px;color:var(--cl-muted);line-height:1.5}
.cl-lines{list-style:none;margin:0;padding:0;max-height:340px;overflow-y:auto}
.cl-lines li{margin:0;padding:0}
.cl-lines button{all:unset;cursor:pointer;display:flex;gap:.8rem;padding:.3rem .5rem;border-radius:8px;width:100%;box-sizing:border-box;font-size:14.5px;line-height:1.5}
.cl-lines button:hover{background:var(--cl-raised)}.cl-lines button:focus-visible{outline:2px solid var(--cl-forecast);outline-offset:-2px}
.cl-lines .cl-now{background:color-mix(in srgb,var(--cl-forecast) 14%,transparent)}
.cl-lines time{flex:0 0 auto;min-width:2.6rem;color:var(--cl-muted);font-variant-numeric:tabular-nums;font-size:13px;line-height:1.65}
.cl-lines em{color:var(--cl-muted);font-size:12.5px}
.cl-hook{width:100%;border-collapse:separate;border-spacing:0;font-size:14px}
.cl-hook th,.cl-hook td{text-align:left;padding:.42rem .7rem;border-bottom:1px solid var(--cl-faint);font-weight:400;vertical-align:top}
.cl-hook thead th{font-weight:600;color:var(--cl-ink);border-bottom-color:var(--cl-muted)}
.cl-hook tbody th{color:var(--cl-muted);padding-left:0;white-space:nowrap}.cl-hook thead th:first-child{padding-left:0}
.cl-hook .cl-yes{color:var(--cl-good);font-weight:600}
.cl-legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem;list-style:none;margin:0;padding:0;font-size:13px;color:var(--cl-ink)}
.cl-legend li{margin:0;padding:0}.cl-legend i{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px;vertical-align:-1px}
@media (min-width:900px){[data-testid=stColumn]:has(>div .st-key-cl-media){position:sticky;top:4.2rem;align-self:flex-start;max-height:calc(100vh - 4.6rem);overflow-y:auto;scrollbar-width:thin}}
.st-key-cl-media video{max-height:52vh;border-radius:10px;background:#000}
@media (max-width:640px){.cl-pic img{max-height:none}.cl-findings li,.cl-strip li,.cl-cards li,.cl-lines li,.cl-legend li{margin:0!important}
.cl-strip li{width:40vw}.cl-cards{grid-template-columns:1fr 1fr}.cl-phone{max-width:100%}}
"""

SCRIPT = """<script>
(() => {
  if (window.creatorlensSeek) return;
  window.creatorlensSeek = true;
  const player = () => document.querySelector('.st-key-cl-media video, .st-key-cl-media audio');
  document.addEventListener('click', event => {
    const there = event.target.closest('[data-seek]'), media = player();
    if (!there || !media) return;
    media.currentTime = Number(there.dataset.seek) + 0.01;
    media.play().catch(() => {});
  });
  document.addEventListener('timeupdate', event => {
    const now = event.target.currentTime;
    for (const line of document.querySelectorAll('[data-until]'))
      line.classList.toggle('cl-now', now >= Number(line.dataset.seek) && now < Number(line.dataset.until));
  }, true);
})();
</script>"""
"""Plays from the moment that is clicked, and marks what is heard now. `timeupdate` does not bubble, but is captured."""


def style(colours: Palette) -> str:
    names = ";".join(f"--cl-{name}:{value}" for name, value in asdict(colours).items())
    return f"<style>:root{{{names}}}{_RULES}</style>"
