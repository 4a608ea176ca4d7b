"""What is read from one picture: an image, a thumbnail, a frame of a video.

Every part is optional: `absent` says why one is not there. Boxes are shares of the upright picture. Figures called
"at working size" are taken where the longest side is at most 512 pixels, so that pictures of any size compare.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from creatorlens.reading.base import Box, Labelled, Part, Share

Signed = Annotated[float, Field(ge=-1, le=1)]
Positive = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]

SALIENCY_COLUMNS = 32
SALIENCY_ROWS = 18


class ImageFacts(Part):
    """What the file says of itself. Width and height are pixels of the upright picture."""

    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    format: str = Field(description="As Pillow names it (JPEG, PNG, ...); 'frame' for a frame of a video.")
    mode: str = Field(description="Pillow's mode before conversion: RGB, CMYK, P, I;16, ...")
    transparent_share: Share = Field(description="Mean transparency; what shows through is drawn white.")
    frames: Annotated[int, Field(ge=1)] = Field(description="Of an animation or pages; the first is read.")
    orientation: Annotated[int, Field(ge=1, le=8)] = Field(description="EXIF orientation; already applied.")
    colour_profile: str | None = Field(
        description="Name of the embedded ICC profile; already turned to sRGB."
    )
    bytes: Count

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height


class Colour(Part):
    """One colour of the palette as '#rrggbb' and the share of pixels nearest to it."""

    hex: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
    share: Share


class Look(Part):
    """Classical measures, at working size unless said otherwise; luma is Rec. 601, 0-1."""

    colourfulness: Positive = Field(
        description="Hasler and Suesstrunk 2003 on 0-255 sRGB: 0 grey, 15 slightly, 33 moderately, 59 quite, 109 extremely."
    )
    brightness: Share = Field(description="Mean luma.")
    contrast: Annotated[float, Field(ge=0, le=0.5)] = Field(
        description="RMS contrast: standard deviation of luma."
    )
    dynamic_range: Share = Field(description="99th minus 1st percentile of luma.")
    dark_share: Share = Field(description="Pixels with luma below 0.05.")
    bright_share: Share = Field(description="Pixels with luma above 0.95.")
    saturation: Share = Field(description="Mean saturation of HSV.")
    warmth: Signed = Field(description="Mean red minus mean blue, over 255: below 0 is cool.")
    sharpness: Positive = Field(
        description="Variance of the 4-neighbour Laplacian of 0-255 luma; about 100 is soft."
    )
    blur: Share = Field(description="Perceptual blur of Crete-Roffet 2007: 0 sharp, 1 blurred.")
    noise: Positive = Field(
        description="Estimated sd of noise on the 0-255 scale, at the picture's own size up to 1280."
    )
    edge_density: Share = Field(
        description="Pixels whose Sobel gradient exceeds 0.1 of full scale per pixel."
    )
    entropy: Annotated[float, Field(ge=0, le=8)] = Field(
        description="Shannon entropy of luma's 256 levels, bits."
    )
    palette: tuple[Colour, ...] = Field(max_length=6, description="Most frequent first.")


class Saliency(Part):
    """Where the eye is likely to go: image signature (Hou, Harel, Koch 2012) on Lab.

    `grid` holds 18 rows of 32 values, 0-1 in steps of 0.001, the maximum 1 (all 0 for a picture of one colour).
    """

    grid: tuple[tuple[float, ...], ...]
    centre_x: Share
    centre_y: Share
    spread: Share = Field(description="Mean distance of saliency from its centre, over the half diagonal.")
    focus: Box = Field(
        description="Smallest axis-aligned cut of the grid's margins that keeps 80% of saliency."
    )
    focus_share: Share = Field(description="Area of the focus box.")


class Composition(Part):
    """How the picture is laid out, from luma, edges and saliency."""

    rule_of_thirds: Share = Field(
        description="1 where the salient centre lies on a crossing of thirds, 0 farthest off."
    )
    centred: Share = Field(description="1 where the salient centre is the middle, 0 in a corner.")
    symmetry: Signed = Field(
        description="Correlation of luma with its left-right mirror; 1 where all is one colour."
    )
    symmetry_vertical: Signed = Field(description="The same for top and bottom.")
    balance: Share = Field(
        description="1 minus the imbalance of gradient between halves, left-right and top-bottom."
    )
    negative_space: Share = Field(description="Share of 1/16-cells with almost no detail.")


class Face(Part):
    box: Box
    score: Share
    expression: tuple[Labelled, ...] = Field(
        default=(), description="Likeliest first; empty where it is absent."
    )

    @property
    def size(self) -> float:
        """Share of the picture's area."""
        return self.box.width * self.box.height


class Faces(Part):
    """Faces, largest first."""

    faces: tuple[Face, ...]
    area_share: Share = Field(description="Sum of the faces' areas, at most 1.")
    model: str
    expression_absent: str | None = None

    @property
    def count(self) -> int:
        return len(self.faces)

    @property
    def largest(self) -> Face | None:
        return self.faces[0] if self.faces else None

    @property
    def expression(self) -> str | None:
        """The likeliest expression of the largest face."""
        return self.faces[0].expression[0].label if self.faces and self.faces[0].expression else None


class Thing(Part):
    """An object found: label, score 0-1, box."""

    label: str
    score: Share
    box: Box


class Objects(Part):
    """Surest first; labels are those of the model (COCO's 80 for the default)."""

    things: tuple[Thing, ...]
    model: str

    @property
    def counts(self) -> dict[str, int]:
        out: dict[str, int] = {}
        for thing in self.things:
            out[thing.label] = out.get(thing.label, 0) + 1
        return out


class Scene(Part):
    """Classes of the whole picture (ImageNet), likeliest first, at most five; they sum to at most 1."""

    classes: tuple[Labelled, ...]
    model: str


class Subject(Part):
    """What the segmentation marks as a thing, against background."""

    share: Share = Field(description="Pixels that are not background.")
    classes: tuple[Labelled, ...] = Field(
        description="Share of pixels by class, largest first, each above 0.5%."
    )
    box: Box | None = Field(description="Around all that is not background.")
    model: str


class TextRegion(Part):
    """A line of text as it was read."""

    text: str
    box: Box
    score: Share = Field(description="Mean certainty of its characters.")
    phone_px: Positive = Field(
        description="Height of the line in pixels where the picture is shown 168 pixels wide."
    )
    contrast: Annotated[float, Field(ge=1, le=21)] = Field(
        description="WCAG contrast ratio of letters and ground."
    )
    legibility: Share = Field(
        description="At phone size, from height and contrast; 0 cannot be read, 1 with ease."
    )


class Words(Part):
    """Text in the picture, in reading order."""

    regions: tuple[TextRegion, ...]
    area_share: Share = Field(description="Area of all lines, at most 1.")
    legibility: Share | None = Field(description="Mean over lines weighted by letters; None without text.")
    model: str
    phone_width_px: int = 168

    @property
    def text(self) -> str:
        return "\n".join(region.text for region in self.regions)


class TechnicalQuality(Part):
    brisque: float = Field(description="BRISQUE: below about 25 good, above about 60 bad; may leave 0-100.")
    model: str


class Aesthetic(Part):
    """NIMA-like: chances of the ratings 1 to 10, their mean and standard deviation."""

    mean: Annotated[float, Field(ge=1, le=10)]
    deviation: Annotated[float, Field(ge=0, le=4.5)]
    ratings: Annotated[tuple[Share, ...], Field(min_length=10, max_length=10)]
    model: str


class Safety(Part):
    """Chances of the classes sum to 1. `explicit` is porn and hentai together, `suggestive` is sexy."""

    classes: tuple[Labelled, ...]
    explicit: Share
    suggestive: Share
    model: str


class Embedding(Part):
    """A unit vector; only vectors of the same `model` may be compared."""

    vector: tuple[float, ...]
    model: str


class ImageReading(Part):
    facts: ImageFacts | None = None
    look: Look | None = None
    saliency: Saliency | None = None
    composition: Composition | None = None
    faces: Faces | None = None
    objects: Objects | None = None
    scene: Scene | None = None
    subject: Subject | None = None
    words: Words | None = None
    technical_quality: TechnicalQuality | None = None
    aesthetic: Aesthetic | None = None
    safety: Safety | None = None
    embedding: Embedding | None = None
    absent: dict[str, str] = Field(default_factory=dict, description="Part -> why it is not there.")
