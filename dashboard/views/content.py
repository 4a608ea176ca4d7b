"""The content page: hand in a draft, and see what is read in it beside the media."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from time import monotonic

import streamlit as st

from creatorlens.client import ApiError
from creatorlens.platforms import Platform
from creatorlens.reading.analysis import Analysis, FileReading
from dashboard import content_shapes as shapes
from dashboard import content_style, drafting, fetching, picture_html, session, words
from dashboard.findings import clock
from dashboard.views import choosing, content_media, content_sound, content_video, content_words, seen_content
from dashboard.views import content_picture as picture
from dashboard.views.seen_content import Seen

LARGEST_MB = 500


def page() -> None:
    st.html(content_style.style(session.colours()))
    st.html(content_style.SCRIPT, unsafe_allow_javascript=True)
    st.title("How your draft comes across")
    seen = _seen()
    try:
        with st.expander("Your draft", expanded=seen is None):
            material = _form()
    except ApiError as error:
        session.show_trouble(error)
        return
    if material is not None:
        seen_content.put(None)
        seen = _read(material)
        if seen is None:
            return
        seen_content.put(seen)
        st.query_params["analysis"] = seen.analysis.analysis_id
        # once more, so that the form is folded away above what was read
        st.rerun()
    if seen is not None:
        _show(seen)
    else:
        _invitation()


def _seen() -> Seen | None:
    """What was read last, or what the page's address names (`?analysis=ID`), then without its media."""
    seen = seen_content.get()
    named = str(st.query_params.get("analysis", ""))
    if not named or (seen is not None and seen.analysis.analysis_id == named):
        return seen
    try:
        analysis = session.client().analysis(named)
    except ApiError:
        del st.query_params["analysis"]
        return seen
    linked = Seen(analysis, analysis.platform or Platform.YOUTUBE)
    seen_content.put(linked)
    return linked


def _form() -> fetching.Material | None:
    """The draft, once its button is pressed."""
    platform, channel = choosing.anywhere()
    left, right = st.columns(2, gap="medium")
    with left:
        uploads = st.file_uploader(
            "Picture, video or sound", key="content-files", accept_multiple_files=True, max_upload_size=LARGEST_MB,
            help="A thumbnail may come along with its video. Files are judged by what is in them, not by their name.",
        )  # fmt: skip
    with right:
        label = drafting.TITLE_WORDS[platform]
        title = str(
            st.text_input(label, key="title", placeholder="What will you post?", persist_state="session")
            or ""
        )
        text = ""
        if drafting.has_description(platform):
            text = str(st.text_area("Description", key="text", height=90, persist_state="session") or "")
    given = bool(uploads or title.strip() or text.strip())
    if not st.button("Analyse", type="primary", disabled=not given):
        return None
    caption = drafting.has_description(platform)
    return fetching.Material(
        files=tuple((upload.name, upload.getvalue()) for upload in uploads or ()),
        title=title.strip() if caption else "",
        text=text.strip() if caption else title.strip(),
        platform=platform,
        channel_id=channel.channel_id if channel is not None else None,
    )


def _read(material: fetching.Material) -> Seen | None:
    """Asks the service, counting the seconds; None after saying why nothing came."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="analyze")
    asked = pool.submit(fetching.analyze, session.client(), material)
    pool.shutdown(wait=False)
    try:
        analysis = _waited(asked, material)
    except ApiError as error:
        _show_refusal(error)
        return None
    media = {hashlib.sha256(data).hexdigest(): data for _, data in material.files}
    return Seen(analysis, material.platform, media)


def _waited(asked: Future[Analysis], material: fetching.Material) -> Analysis:
    name = words.short(material.files[0][0], 40) if material.files else "your words"
    more = f" and {len(material.files) - 1} more" if len(material.files) > 1 else ""
    started = monotonic()
    with st.status(f"Reading {name}{more}…", type="compact") as status:
        while True:
            try:
                analysis = asked.result(timeout=0.5)
            except TimeoutError:
                status.update(label=f"Reading {name}{more} · {clock(monotonic() - started)}")
                continue
            status.update(label="Read", state="complete")
            return analysis


def _show_refusal(error: ApiError) -> None:
    refused = shapes.refusal(error)
    if not refused:
        session.show_trouble(error)
        return
    for one in refused:
        _refused(one)


def _refused(one: shapes.Refused) -> None:
    head = f"**{one.name}** was not read" if one.name else "**This was not read**"
    st.error("  \n".join(line for line in (head, one.says, one.hint) if line))


def _invitation() -> None:
    st.markdown(
        "Hand in a thumbnail, a clip or a recording with its title. You will see it as a viewer meets it: what is in "
        "the picture and where the eye goes, what happens in the first seconds, how it sounds, what is said, and "
        "what the words do. Nothing is published, and nothing here promises views."
    )


def _show(seen: Seen) -> None:
    analysis = seen.analysis
    for one in shapes.refused(analysis):
        _refused(one)
    file = _file(analysis)
    if file is None:
        _at_a_glance(seen, None)
        content_words.section(analysis)
        _rest(seen, None)
        return
    left, right = st.columns([6, 7] if file.image is not None else [5, 8], gap="large")
    with left, st.container(key="cl-media"):
        content_media.show(file, seen.media.get(file.file.sha256))
        st.caption(shapes.about(file.file))
        _at_a_glance(seen, file)
    with right:
        title = analysis.title or analysis.text
        if file.image is not None:
            picture.sections(file, title, seen.media.get(file.file.sha256))
        if file.video is not None:
            content_video.sections(file.video, file.audio, seen.platform)
        if file.audio is not None:
            content_sound.sections(file.audio, seen.platform, of_video=file.video is not None)
        content_words.section(analysis)
        _rest(seen, file)


def _file(analysis: Analysis) -> FileReading | None:
    """The file that is shown; chosen where there are several."""
    if len(analysis.files) < 2:
        return analysis.files[0] if analysis.files else None
    names = list(range(len(analysis.files)))
    chosen = st.segmented_control(
        "File", names, format_func=lambda i: words.short(analysis.files[i].file.name, 30), default=0, required=True,
        key="content-file", label_visibility="collapsed",
    )  # fmt: skip
    return analysis.files[chosen or 0]


def _at_a_glance(seen: Seen, file: FileReading | None) -> None:
    found = shapes.findings(seen.analysis, file, seen.platform)
    if found:
        st.subheader("At a glance")
        st.html(picture_html.findings(found))


def _rest(seen: Seen, file: FileReading | None) -> None:
    st.subheader("Safe to publish?")
    st.markdown(shapes.safety_sentence(seen.analysis.safety))
    near = shapes.near_lines(file.identity if file is not None else None)
    if near:
        st.markdown("Files like it that were read before:\n" + "\n".join(f"- {line}" for line in near))
    elif file is not None and file.identity is not None:
        st.caption("No file like it has been read before.")
    absent = shapes.missing(seen.analysis.notes)
    if absent:
        _absent(absent)


def _absent(absent: tuple[shapes.Missing, ...]) -> None:
    with st.expander("What was not read, and why"):
        st.markdown(
            "\n".join(
                f"- **{one.parts[:1].upper()}{one.parts[1:]}**: {one.why} {one.costs}" for one in absent
            )
        )
        commands = dict.fromkeys(one.command for one in absent if one.command)
        if commands:
            st.markdown("What is missing can be fetched:")
            st.code("\n".join(commands), language="bash")
        st.caption("What was not read is left out of every forecast and never guessed.")
