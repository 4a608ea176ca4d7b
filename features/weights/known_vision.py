"""Weights that look at pictures. Sources are pinned by commit, files by sha256."""

from __future__ import annotations

from features.weights.catalogue import File, Weight

RAW = "https://raw.githubusercontent.com"
CORAL = "google-coral/edgetpu"
CORAL_COMMIT = "5020de9386ff370dcc1f63291a2d0f98eeb98adb"
YUNET = f"{RAW}/ShiqiYu/libfacedetection.train/0047ac24afb1a50a0c6105001c89d1b5b805dbf1/onnx"
OCR = f"{RAW}/ssYanhuo/ocrweb/4e3ed1d37983d837425af82d1138cef95344b355/resources/models"
CONVERTED = "converted from the source; this form is published nowhere"
# the recogniser's 95 characters, one a line, in the order of its outputs
ENGLISH = "\n".join(chr(code) for code in (*range(48, 127), *range(33, 48), 32, 32)).encode()


def _yunet(size: str, count: int, sha256: str) -> File:
    return File(f"yunet_n_{size}.onnx", count, sha256, f"{YUNET}/yunet_n_{size}.onnx")


def _ocr(name: str, count: int, sha256: str) -> File:
    return File(f"{name}.onnx", count, sha256, f"{OCR}/{name}.onnx")


VISION: tuple[Weight, ...] = (
    Weight(
        name="mobilenet_v2_1.0_224", modality="image", task="ImageNet classes and embedding",
        source=f"https://github.com/{CORAL}", revision=CORAL_COMMIT, licence="Apache-2.0", note=CONVERTED,
        without="pictures have no scene classes, no embedding and no consistency with earlier thumbnails",
        files=(
            File("config.json", 69_761, "bd9f82d476d7dd1e6384c9ac42e465c6ad0f95ec7e3ee2a32252c8f9fd928854"),
            File("model.safetensors", 14_199_388, "c150b52488c3d6b6b9c44e6e1d5278cae18f5ea28bf8eccad53ef66679b8d287"),
            File("preprocessor_config.json", 435, "10488f6235ceb6e22320f0b243a3f44339876ee8507b1f9ad8901fc38ba8b68e"),
        ),
    ),
    Weight(
        name="deeplabv3_mobilenet_v2_513", modality="image", task="what is subject and what background (VOC)",
        source=f"https://github.com/{CORAL}", revision=CORAL_COMMIT, licence="Apache-2.0", note=CONVERTED,
        without="the share of the picture that people, animals and things fill is not known",
        files=(
            File("config.json", 1_376, "01911f99eafba14fe132b00b2952615a0c19e98884cffcf0dee26354c21e2374"),
            File("model.safetensors", 10_285_740, "cb3e837da5b07053d9c3d7c0fd3be7b868731f6d05e83b4b8f93f9599064d9d0"),
            File("preprocessor_config.json", 435, "6347c7c0e423951502c353321bf192b9d9032116034352f04af0a139ea2df4d2"),
        ),
    ),
    Weight(
        name="yolox_nano", modality="image", task="objects (COCO, 80 classes)",
        source="https://github.com/hamacom2004jp/iinfer", revision="c7f9a3c5216c6f8b3e8b35886f863dffa2dc0bf9",
        licence="Apache-2.0", without="objects are not found",
        files=(
            File(
                "yolox_nano.onnx", 3_713_911, "d39bee73564e338080378b0ad567fbb40e818b55bbfaf971de82a0267ed16b8a",
                f"{RAW}/hamacom2004jp/iinfer/c7f9a3c5216c6f8b3e8b35886f863dffa2dc0bf9/models/yolox_nano.onnx",
            ),
        ),
    ),
    Weight(
        name="yunet", modality="image", task="faces",
        source="https://github.com/ShiqiYu/libfacedetection.train",
        revision="0047ac24afb1a50a0c6105001c89d1b5b805dbf1", licence="Apache-2.0",
        without="faces are not found, nor their size, place and expression",
        files=(
            _yunet("320_320", 317_434, "81dbde155e982455488235acb8ec2dec5d647edf7cf7080d33e4abb69b93a0d2"),
            _yunet("640_640", 317_466, "25a606a145a5b6d7271ae138fbd00eba91dad8b83222ae3f2c7ecd0f4a7b0e31"),
            _yunet("dynamic", 322_906, "104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12"),
        ),
    ),
    Weight(
        name="face_expression", modality="image", task="expression of a face",
        source="https://github.com/justadudewhohacks/face-api.js",
        revision="a86f011d72124e5fb93e59d5c4ab98f699dd5c9c", licence="MIT", note=CONVERTED,
        without="faces are found without an expression",
        files=(File("model.onnx", 1_300_631, "58ad91d19e55a4f46808a9755429602ceff3283ca5c04385b7d5699881352417"),),
    ),
    Weight(
        name="nsfw_mobilenet_v2", modality="image", task="explicit pictures",
        source="https://github.com/infinitered/nsfwjs", revision="d55a54c51f14380670064cc129b2ea51029c5e46",
        licence="MIT", note=CONVERTED, without="pictures are not judged for explicit content",
        files=(File("model.onnx", 10_292_044, "a27d32904840d18f7d7c0db1ae0afdd39236fa613047a0e5054749630fd90795"),),
    ),
    Weight(
        name="ppocr_v2_mobile", modality="image", task="text in pictures (English)",
        source="https://github.com/ssYanhuo/ocrweb", revision="4e3ed1d37983d837425af82d1138cef95344b355",
        licence="Apache-2.0", without="text in pictures is not found, read or measured",
        files=(
            _ocr("ch_ppocr_mobile_v2.0_cls_infer", 585_532, "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c"),
            _ocr("ch_ppocr_mobile_v2.0_det_infer", 2_343_058, "6800a946ab4222d7b96b71706cbd2c8e926b45ed4c0ddeebd0b221186f321f1f"),
            _ocr("en_number_mobile_v2.0_rec_infer", 1_882_400, "7fea5a9eed6ca9f80ae6d26530b1c3308dc9ae42e652590f25865d17af99112f"),
            File("en_dict.txt", 191, "cd755af7db321b0c8c845d702bf100b5e4f0fa04dc35b816435c7f0fce83d602", content=ENGLISH),
        ),
    ),
    Weight(
        name="brisque_svr", modality="image", task="technical quality (BRISQUE)",
        source="https://github.com/rehanguha/brisque", revision="42c854ef9278f09d047abb8600d5204f779eca52",
        licence="Apache-2.0", note=CONVERTED, without="pictures have no technical quality score",
        files=(
            File("brisque_svr.safetensors", 228_936, "87d7add9de298faee008ba30daac82e4564d8513fbf6dfdade0b03f0053f7c77"),
        ),
    ),
)  # fmt: skip
