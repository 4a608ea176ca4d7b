"""Weights that listen, and the one that tells languages apart. Sources are pinned by commit, files by sha256."""

from __future__ import annotations

from features.weights.catalogue import File, Weight
from features.weights.known_vision import CONVERTED, RAW

SILERO = "806dcba3f0b5d95282d0889a074954a2f8c6397b"
DNS = "591184a9fcb2cbdec02520fed81a32bbbf9d73ff"
PITCH = "fa5997af0a8210982619003269994a1be25eddf3"
WHISPER = "https://openaipublic.azureedge.net/main/whisper/models"
MIB = 1024**2

SMALL: tuple[Weight, ...] = (
    Weight(
        name="yamnet", modality="audio", task="audio events (AudioSet, 521 classes)",
        source="https://github.com/Jaskaran197/Speaker-Detector",
        revision="4ec29b6938f1051fe36b46786f8d486d8b74a38e", licence="Apache-2.0", note=CONVERTED,
        without="sounds are not named, and music is told from speech by classical measures at best",
        files=(
            File("yamnet.onnx", 16_047_029, "95d69048ae2be47b1c92780a5b5de3f99085d7fc5c12b983848334333b33d447"),
            File("yamnet_class_map.csv", 14_096, "cdf24d193e196d9e95912a2667051ae203e92a2ba09449218ccb40ef787c6df2"),
        ),
    ),
    Weight(
        name="silero_vad", modality="audio", task="voice activity",
        source="https://github.com/snakers4/silero-vad", revision=SILERO, licence="MIT",
        without="it is not known when somebody speaks: no talk share, pauses or pace",
        files=(
            File(
                "silero_vad.onnx", 2_327_524, "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
                f"{RAW}/snakers4/silero-vad/{SILERO}/src/silero_vad/data/silero_vad.onnx",
            ),
        ),
    ),
    Weight(
        name="dnsmos", modality="audio", task="clarity of speech (DNSMOS P.835 and P.808)",
        source="https://github.com/microsoft/DNS-Challenge", revision=DNS,
        licence="MIT (code) or CC-BY-4.0 (data); the repository does not say which covers it",
        without="speech has no clarity score",
        files=(
            File(
                "dnsmos_p808_model_v8.onnx", 224_860, "9246480c58567bc6affd4200938e77eef49468c8bc7ed3776d109c07456f6e91",
                f"{RAW}/microsoft/DNS-Challenge/{DNS}/DNSMOS/DNSMOS/model_v8.onnx",
            ),
            File(
                "dnsmos_sig_bak_ovr.onnx", 1_157_965, "269fbebdb513aa23cddfbb593542ecc540284a91849ac50516870e1ac78f6edd",
                f"{RAW}/microsoft/DNS-Challenge/{DNS}/DNSMOS/DNSMOS/sig_bak_ovr.onnx",
            ),
        ),
    ),
    Weight(
        name="basic_pitch", modality="audio", task="notes of music",
        source="https://github.com/spotify/basic-pitch", revision=PITCH, licence="Apache-2.0",
        without="music has no notes",
        files=(
            File(
                "nmp.onnx", 230_444, "2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec",
                f"{RAW}/spotify/basic-pitch/{PITCH}/basic_pitch/saved_models/icassp_2022/nmp.onnx",
            ),
        ),
    ),
    Weight(
        name="speech_emotion_conv1d", modality="audio", task="emotion of a voice",
        source="https://github.com/MiteshPuthran/Speech-Emotion-Analyzer",
        revision="30333cf1809ff990eac18f669dcb07fbb77d9521",
        licence="MIT (code); trained on RAVDESS and SAVEE, which are for non-commercial use", non_commercial=True,
        note=f"{CONVERTED}; weak: confident mistakes on voices it does not know",
        without="voices have no emotion",
        files=(File("model.onnx", 1_783_551, "82c9094ac8ffa59376a60fa371bfbeaab81480255bd581936370a9029bb54513"),),
    ),
    Weight(
        name="lid176", modality="text", task="language (176)",
        source="https://fasttext.cc/docs/en/language-identification.html", revision="lid.176.ftz",
        licence="CC-BY-SA-3.0", without="languages are told apart by letters and common words at best",
        files=(
            File(
                "lid.176.ftz", 938_013, "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83",
                "https://dl.fbaipublicfiles.com/fasttext/supervised-models/lid.176.ftz",
            ),
        ),
    ),
)  # fmt: skip

# name as openai-whisper calls it: (sha256, which its addresses carry; size in MiB, about)
WHISPERS = {
    "tiny": ("65147644a518d12f04e32d6f3b26facc3f8dd46e5390956a9424a650c0ce22b9", 73),
    "tiny.en": ("d3dd57d32accea0b295c96e26691aa14d8822fac7d9d27d5dc00b4ca2826dd03", 73),
    "base": ("ed3a0b6b1c0edf879ad9b11b1af5a0e6ab5db9205f891f668f8b0e6c6326e34e", 139),
    "base.en": ("25a8566e1d0c1e2231d1c762132cd20e0f96a85d16145c3a00adf5d1ac670ead", 139),
    "small": ("9ecf779972d90ba49c06d968637d720dd632c55bbf19d441fb42bf17a411e794", 461),
    "small.en": ("f953ad0fd29cacd07d5a9eda5624af0f6bcf2258be67c92b79389873d91e0872", 461),
    "medium": ("345ae4da62f9b3d59415adc60127b97c714f32e89e936602e85993674d08dcb1", 1_458),
    "medium.en": ("d7440d1dc186f76616474e0ff0b3b6b879abc9d1a4926b7adfa41db2d497ab4f", 1_458),
    "large-v1": ("e4b87e7e0bf463eb8e6956e646f1e277e901512310def2c24bf0e11bd3c28e9a", 2_944),
    "large-v2": ("81f7c96c852ee8fc832187b0132e569d6c3065a3252ed18e56effd0b6a73e524", 2_944),
    "large-v3": ("e5b1a55b89c1367dacf97e3e19bfd829a01529dbfdeefa8caeb59b3f1b81dadb", 2_944),
    "large-v3-turbo": ("aff26ae408abcba5fbf8813c21e62b0941638c5f6eebfb145be0c9839262a19a", 1_543),
}


def _whisper(size: str) -> Weight:
    sha256, mib = WHISPERS[size]
    file = f"{size}.pt"
    return Weight(
        name=f"whisper_{size}", modality="audio", task=f"transcription ({size})", revision=sha256[:12], licence="MIT",
        source="https://github.com/openai/whisper", without="speech is not transcribed", usual=size == "base",
        files=(File(file, 0, sha256, f"{WHISPER}/{sha256}/{file}"),), approximate_bytes=mib * MIB,
    )  # fmt: skip


SOUND = SMALL + tuple(_whisper(size) for size in WHISPERS)
