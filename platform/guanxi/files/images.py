"""Images are made anew from their pixels: what hides in metadata or behind the picture does not come along."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from guanxi.common.errors import Invalid

MAX_PIXELS = 40_000_000
MAX_FRAMES = 200
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}


@dataclass(frozen=True, slots=True)
class CleanImage:
    """An image made anew."""

    content: bytes
    width: int
    height: int


def clean_image(content: bytes, content_type: str) -> CleanImage:
    """Return the image without metadata, upright; raise Invalid("broken_image") or Invalid("image_too_large")."""
    try:
        with Image.open(io.BytesIO(content), formats=[FORMATS[content_type]]) as image:
            frames = getattr(image, "n_frames", 1)
            if image.width * image.height * min(frames, 10) > MAX_PIXELS or frames > MAX_FRAMES:
                raise Invalid("image_too_large", "The image has too many pixels.", fields={"file": "image_too_large"})
            return _animated(image, content_type) if frames > 1 else _still(image, content_type)
    except Invalid:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        raise Invalid("broken_image", "The image is damaged.", fields={"file": "broken_image"}) from None


def _still(image: Image.Image, content_type: str) -> CleanImage:
    upright = ImageOps.exif_transpose(image)
    if content_type == "image/jpeg":
        upright = upright.convert("L" if upright.mode == "L" else "RGB")
    elif upright.mode not in {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}:
        upright = upright.convert("RGBA")
    return _saved([upright], content_type, {})


def _animated(image: Image.Image, content_type: str) -> CleanImage:
    timing = {
        "duration": [frame.info.get("duration", 100) for frame in ImageSequence.Iterator(image)],
        "loop": image.info.get("loop", 0),
    }
    frames = [frame.copy().convert("RGBA") for frame in ImageSequence.Iterator(image)]
    return _saved(frames, content_type, timing)


def _saved(frames: list[Image.Image], content_type: str, timing: dict[str, object]) -> CleanImage:
    first, *others = frames
    transparency = first.info.get("transparency")
    first.info.clear()
    if transparency is not None and first.mode in {"1", "L", "P", "RGB"}:
        first.info["transparency"] = transparency
    options: dict[str, object] = {"quality": 90} if content_type in {"image/jpeg", "image/webp"} else {}
    if others:
        options |= {"save_all": True, "append_images": others, **timing}
    target = io.BytesIO()
    first.save(target, format=FORMATS[content_type], **options)
    return CleanImage(target.getvalue(), first.width, first.height)
