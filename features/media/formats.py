"""Which format a file is, by its first bytes.

An allow-list: what is not recognised here as media, text or an archive is refused. Sources: the formats' own
specifications (RFC 2083 and its successors for PNG, ITU T.81, RIFF, ISO 14496-12, RFC 3533, RFC 9559, ...).
"""

from __future__ import annotations

from dataclasses import dataclass

from creatorlens.reading.files import Kind

HEAD_BYTES = 4096


@dataclass(frozen=True)
class Format:
    """`kind` None: not read here; `what` in words says what it is instead."""

    mime: str
    kind: Kind | None
    what: str
    media: bool = True


def _image(mime: str, what: str) -> Format:
    return Format(mime, "image", what)


def _other(mime: str, what: str) -> Format:
    return Format(mime, None, what, media=False)


def _unread(mime: str, what: str) -> Format:
    return Format(mime, None, what)


JPEG, PNG = _image("image/jpeg", "JPEG picture"), _image("image/png", "PNG picture")
GIF, WEBP = _image("image/gif", "GIF picture"), _image("image/webp", "WebP picture")
BMP, TIFF = _image("image/bmp", "BMP picture"), _image("image/tiff", "TIFF picture")
AVIF = _image("image/avif", "AVIF picture")
WAV, FLAC = Format("audio/wav", "audio", "WAV sound"), Format("audio/flac", "audio", "FLAC sound")
MP3, AIFF = Format("audio/mpeg", "audio", "MP3 sound"), Format("audio/aiff", "audio", "AIFF sound")
AAC, AU = Format("audio/aac", "audio", "AAC sound"), Format("audio/basic", "audio", "AU sound")
AMR, CAF = Format("audio/amr", "audio", "AMR sound"), Format("audio/x-caf", "audio", "CAF sound")
OGG, OGV = Format("audio/ogg", "audio", "Ogg sound"), Format("video/ogg", "video", "Ogg video")
M4A, MP4 = Format("audio/mp4", "audio", "MP4 sound"), Format("video/mp4", "video", "MP4 video")
MOV = Format("video/quicktime", "video", "QuickTime video")
WEBM, MKV = Format("video/webm", "video", "WebM video"), Format("video/x-matroska", "video", "Matroska video")
AVI, FLV = Format("video/x-msvideo", "video", "AVI video"), Format("video/x-flv", "video", "Flash video")
WMV, WMA = (
    Format("video/x-ms-wmv", "video", "Windows Media video"),
    Format("audio/x-ms-wma", "audio", "Windows Media sound"),
)
MPEG, TS = Format("video/mpeg", "video", "MPEG video"), Format("video/mp2t", "video", "MPEG transport stream")
TEXT, VTT = Format("text/plain", "text", "text"), Format("text/vtt", "text", "subtitles")
SRT = Format("application/x-subrip", "text", "subtitles")
ZIP, TAR = (
    Format("application/zip", "archive", "ZIP archive"),
    Format("application/x-tar", "archive", "tar archive"),
)
GZIP = Format("application/gzip", "archive", "gzip archive")

PLAIN: tuple[tuple[bytes, Format], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00\x08\x00\x00\x00", TIFF),
    (b"MM\x00+\x00\x08\x00\x00", TIFF),
    (b"fLaC", FLAC),
    (b".snd", AU),
    (b"#!AMR", AMR),
    (b"caff\x00\x01", CAF),
    (b"FLV\x01", FLV),
    (b"\x00\x00\x01\xba", MPEG),
    (b"\x00\x00\x01\xb3", MPEG),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\x1f\x8b\x08", GZIP),
    # known, and not read here
    (b"8BPS", _unread("image/vnd.adobe.photoshop", "Photoshop file")),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", _unread("image/jp2", "JPEG 2000 picture")),
    (b"\xff\x4f\xff\x51", _unread("image/jp2", "JPEG 2000 picture")),
    (b"\xff\x0a", _unread("image/jxl", "JPEG XL picture")),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", _unread("image/jxl", "JPEG XL picture")),
    (b"BPG\xfb", _unread("image/bpg", "BPG picture")),
    (b"\x8aMNG\r\n\x1a\n", _unread("video/x-mng", "MNG animation")),
    (b"\x00\x00\x01\x00", _unread("image/x-icon", "icon")),
    (b"\x01\xda", _unread("image/sgi", "SGI picture")),
    (b"MThd", _unread("audio/midi", "MIDI file")),
    (b".RMF", _unread("application/vnd.rn-realmedia", "RealMedia file")),
    (b"7z\xbc\xaf\x27\x1c", _unread("application/x-7z-compressed", "7z archive")),
    (b"Rar!\x1a\x07", _unread("application/vnd.rar", "RAR archive")),
    (b"BZh", _unread("application/x-bzip2", "bzip2 archive")),
    (b"\xfd7zXZ\x00", _unread("application/x-xz", "xz archive")),
    (b"\x28\xb5\x2f\xfd", _unread("application/zstd", "zstd archive")),
    (b"%PDF-", _other("application/pdf", "PDF document")),
    (b"%!PS", _other("application/postscript", "PostScript program")),
    (b"MZ", _other("application/x-msdownload", "Windows program")),
    (b"\x7fELF", _other("application/x-elf", "Linux program")),
    (b"\xcf\xfa\xed\xfe", _other("application/x-mach-binary", "macOS program")),
    (b"\xce\xfa\xed\xfe", _other("application/x-mach-binary", "macOS program")),
    (b"\xca\xfe\xba\xbe", _other("application/java-vm", "Java or macOS program")),
    (b"\x00asm", _other("application/wasm", "WebAssembly program")),
    (b"dex\n", _other("application/x-dex", "Android program")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _other("application/x-ole-storage", "Office document or installer")),
    (b"SQLite format 3\x00", _other("application/vnd.sqlite3", "database")),
    (b"{\\rtf", _other("application/rtf", "RTF document")),
    (b"!<arch>", _other("application/x-archive", "software package")),
    (b"L\x00\x00\x00\x01\x14\x02\x00", _other("application/x-ms-shortcut", "Windows shortcut")),
)  # fmt: skip
AVIF_BRANDS = {b"avif", b"avis"}
HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
AUDIO_BRANDS = {b"M4A ", b"M4B ", b"M4P ", b"F4A "}
BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
MPEG_LAYERS_KBPS = 14  # bit rates with a meaning; index 0 is free format, 15 forbidden


def recognise(head: bytes) -> Format | None:
    """The format whose signature `head` (the first 4096 bytes, or all there are) carries; None for none."""
    for signature, found in PLAIN:
        if head.startswith(signature) and not (
            found is AMR and not head.startswith((b"#!AMR\n", b"#!AMR-WB\n"))
        ):
            return found
    for look in (_riff, _form, _bmp, _iso_media, _matroska, _ogg, _asf, _transport, _mpeg_audio, _tar):
        other = look(head)
        if other is not None:
            return other
    return None


def _riff(head: bytes) -> Format | None:
    if head[:4] not in (b"RIFF", b"RF64", b"RIFX"):
        return None
    return {b"WAVE": WAV, b"WEBP": WEBP, b"AVI ": AVI}.get(
        head[8:12], _unread("application/octet-stream", "RIFF file of another kind")
    )


def _form(head: bytes) -> Format | None:
    if head[:4] != b"FORM":
        return None
    if head[8:12] in (b"AIFF", b"AIFC"):
        return AIFF
    return _unread("application/octet-stream", "IFF file of another kind")


def _bmp(head: bytes) -> Format | None:
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in BMP_HEADERS and head[6:10] == bytes(4):
        return BMP
    return None


def _iso_media(head: bytes) -> Format | None:
    box = head[4:8]
    if box in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot") and head[:2] == b"\x00\x00":
        return MOV  # before brands were invented
    size = int.from_bytes(head[:4], "big")
    if box != b"ftyp" or not 16 <= size <= 4096:
        return None
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(size, len(head)), 4))}
    if head[8:12] in AVIF_BRANDS or (head[8:12] in HEIF_BRANDS and brands & AVIF_BRANDS):
        return AVIF
    if head[8:12] in HEIF_BRANDS:
        return _unread("image/heif", "HEIF picture")
    if head[8:12] in AUDIO_BRANDS:
        return M4A
    return MOV if head[8:12] == b"qt  " else MP4


def _matroska(head: bytes) -> Format | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return WEBM if b"webm" in head[:128] else MKV


def _ogg(head: bytes) -> Format | None:
    if not head.startswith(b"OggS\x00"):
        return None
    return OGV if b"\x80theora" in head else OGG


def _asf(head: bytes) -> Format | None:
    if not head.startswith(ASF):
        return None
    return WMV if ASF_VIDEO in head else WMA


def _transport(head: bytes) -> Format | None:
    spots = range(0, min(len(head), 188 * 5), 188)
    return TS if len(spots) >= 3 and all(head[at] == 0x47 for at in spots) else None


def _mpeg_audio(head: bytes) -> Format | None:
    if (
        head.startswith(b"ID3")
        and len(head) >= 10
        and head[3] < 0xFF
        and not any(b & 0x80 for b in head[6:10])
    ):
        return MP3
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:  # ADTS: layer bits 00
        return AAC if head[2] >> 2 & 0xF < 13 else None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, samples = head[2] >> 4, head[2] >> 2 & 3
    # layer I is long dead, and its sync word is the mark of UTF-16
    valid = version != 1 and layer in (1, 2) and 0 < rate <= MPEG_LAYERS_KBPS and samples != 3
    return MP3 if valid else None


def _tar(head: bytes) -> Format | None:
    return TAR if is_tar_header(head[:512]) else None


def is_tar_header(block: bytes) -> bool:
    """512 bytes whose octal checksum is right (POSIX ustar, and the older kind); an empty archive is zeros only,
    and has nothing by which it could be told."""
    if len(block) < 512 or not block[0]:
        return False
    try:
        told = int(block[148:156].split(b"\x00")[0].strip() or b"x", 8)
    except ValueError:
        return False
    return told == sum(block[:148]) + sum(block[156:512]) + 8 * 0x20


TEXT_FORBIDS = bytes(set(range(0x20)) - set(b"\t\n\r\f\x1b"))


def text_format(head: bytes) -> Format | None:
    """Text is UTF-8 (or UTF-16 with its mark) without control characters; `head` may end inside a character."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = head[: len(head) // 2 * 2].decode("utf-16")
        except UnicodeDecodeError:
            return None
        return None if any(ord(char) < 0x20 and char not in "\t\n\r\f" for char in text) else TEXT
    if head.translate(None, TEXT_FORBIDS) != head:
        return None
    for cut in range(4):
        try:
            text = head[: len(head) - cut].decode("utf-8-sig")
            break
        except UnicodeDecodeError:
            continue
    else:
        return None
    if text.startswith("WEBVTT"):
        return VTT
    lines = text.splitlines()
    if len(lines) > 1 and lines[0].strip().isdigit() and "-->" in lines[1]:
        return SRT
    return TEXT
