"""Decodes an rdc file: `python3 -m reference.decode FILE.rdc OUT.png|OUT.pam [--layer …]`."""

import argparse
import sys
import zlib
from pathlib import Path

import numpy as np

from reference.arithmetic import ceiling
from reference.coefficient_source import decode_coefficients
from reference.container import Container, Header, Tile, read_container
from reference.errors import FormatError, NotCoveredError, intact_stream
from reference.image import Image, expand_palette, write_image
from reference.jpeg_file import decode_jpeg
from reference.latents import LatentDecoder
from reference.lattice_source import decode_lattice
from reference.residual import ResidualTile, decode_tile
from reference.synthesis import (
    Approximation,
    Prediction,
    apply_filter,
    enlarge,
    lossy_samples,
    predict,
    synthesize,
)
from reference.weights import load_model

ERROR_CODE = 65


def decode_preview(data: bytes) -> Image:
    """The lossy image of a file (§11)."""
    container = read_container(data, lossy_only=True)
    header = container.header
    if not header.has_latents:
        raise FormatError("noPreview", "the file has no latents")
    image = lossy_image(header, decode_approximation(container))
    if header.content == 0:
        check_samples(header, image.samples)
    return repeat(header, image)


def decode_exact(data: bytes) -> Image:
    """All that a file holds (§11)."""
    container = read_container(data, lossy_only=False)
    header = container.header
    # No index into a palette is predicted from the lossy image (§5).
    needs_latents = header.has_latents and header.color_type != 3
    approximation = decode_approximation(container) if needs_latents else None
    if header.content == 0:
        image = lossy_image(header, approximation)
    else:
        with intact_stream():
            samples = exact_samples(container, approximation)
        image = Image(
            samples, header.color_type, header.depth, header.peak, header.palette,
            header.transparent,
        )  # fmt: skip
    check_samples(header, image.samples)
    return widen(header, repeat(header, image))


def decode_approximation(container: Container) -> Approximation:
    """Means and scales of the whole coded image, with the filter where there is one (§9)."""
    header = container.header
    model = load_model(header.model)
    width, height = header.reduced_size
    shape = (2 * ceiling(height, 16), 2 * ceiling(width, 16), model.shape.latents)
    z = np.zeros(shape, np.int64)
    for tile, stream, checksum in zip(
        header.latent_tiles(), container.latents, header.latent_checksums
    ):
        with intact_stream():
            part = LatentDecoder(model, header.position, tile, stream).decode()
        if zlib.crc32(part.astype("<i2").tobytes()) != checksum:
            raise FormatError("wrongContents", "latents")
        row, column = tile.y // 8, tile.x // 8
        z[row : row + part.shape[0], column : column + part.shape[1]] = part
    small = synthesize(z, model, header.position)
    if header.filter is not None:
        small = Approximation(apply_filter(small.means, header.filter), small.scales)
    size = (header.coded_width, header.coded_height)
    return enlarge(small, header.latent_shift, *size, width, height)


def color_prediction(header: Header, approximation: Approximation) -> Prediction:
    """P_dec of the image's colours; of a palette image, of RGB."""
    return predict(approximation, header.color_type in (0, 4), header.color_range)


def lossy_image(header: Header, approximation: Approximation) -> Image:
    """x̂ without alpha (§11)."""
    prediction = color_prediction(header, approximation)
    samples = lossy_samples(prediction, header.color_range[1])
    depth, peak = (8, 255) if header.color_type == 3 else (header.depth, header.peak)
    return Image(samples, 0 if len(samples) == 1 else 2, depth, peak)


def exact_samples(container: Container, approximation: Approximation | None) -> np.ndarray:
    """The samples of contents 1 to 4, channels × height × width."""
    header = container.header
    if header.source == 1:
        return decode_lattice(container, approximation)
    if header.source:
        return decode_coefficients(container)[0]
    samples = np.zeros((header.channels, header.coded_height, header.coded_width), np.int64)
    prediction = lossy = None
    if approximation is not None and header.color_type != 3:
        prediction = color_prediction(header, approximation)
        lossy = lossy_samples(prediction, header.color_range[1])
    if header.content == 4:
        prediction = step_prediction(header, prediction, lossy)
    for tile, stream in zip(header.tiles(), container.residuals):
        rows = slice(tile.y, tile.y + tile.height)
        columns = slice(tile.x, tile.x + tile.width)
        part = None
        if prediction is not None and header.content != 1:
            means = prediction.means[:, rows, columns]
            part = Prediction(means, prediction.scales[:, rows, columns])
        planes = 1 if header.content == 1 else header.channels
        alone = header.content == 1
        context = ResidualTile(
            tile.width, tile.height, planes, header.has_alpha and not alone, header.depth, part
        )
        decoded = decode_tile(stream, context)
        if header.content == 4:
            decoded = add_steps(header, decoded, lossy[:, rows, columns])
        if alone:
            decoded = np.concatenate([lossy[:, rows, columns], decoded])
        samples[:, rows, columns] = decoded
    return samples


def step_prediction(header: Header, prediction: Prediction, lossy: np.ndarray) -> Prediction:
    """P_dec of the steps from x̂ (§11.1)."""
    error = header.maximum_error
    size = 2 * error + 1
    zero = (header.peak + error) // size
    distance = prediction.means - 16 * lossy
    quotient = np.where(distance < 0, -(-distance // size), distance // size)
    narrower = int(np.floor(4 * np.log2(size)))
    return Prediction(16 * zero + quotient, np.maximum(prediction.scales - narrower, 0))


def add_steps(header: Header, steps: np.ndarray, lossy: np.ndarray) -> np.ndarray:
    """Samples of steps from x̂; alpha stays (§11.1)."""
    error = header.maximum_error
    size = 2 * error + 1
    zero = (header.peak + error) // size
    colors = len(lossy)
    samples = np.clip(lossy + (steps[:colors] - zero) * size, 0, header.peak)
    return np.concatenate([samples, steps[colors:]])


def check_samples(header: Header, samples: np.ndarray) -> None:
    """Compares the samples of every tile with their checksums (§5)."""
    for tile, checksum in zip(header.tiles(), header.sample_checksums):
        if zlib.crc32(tile_of(samples, tile).astype("<u2").tobytes()) != checksum:
            raise FormatError("wrongContents", "samples")


def tile_of(samples: np.ndarray, tile: Tile) -> np.ndarray:
    """A tile's part of planes × height × width."""
    return samples[:, tile.y : tile.y + tile.height, tile.x : tile.x + tile.width]


def repeat(header: Header, image: Image) -> Image:
    """Repeats columns and rows (§3)."""
    samples = image.samples.repeat(header.row_repetition, axis=1)
    samples = samples.repeat(header.column_repetition, axis=2)
    image.samples = samples[:, : header.height, : header.width]
    return image


def widen(header: Header, image: Image) -> Image:
    """What the image has beyond what is coded (§3)."""
    palette, grey, alpha, deeper, packed = (header.widening >> bit & 1 for bit in range(5))
    if palette:
        samples = expand_palette(image.samples, image.palette)
        color_type = 6 if len(samples) == 4 else 2
        image = Image(samples, color_type, 8, 255, None, image.transparent)
    if packed:
        value = header.packed_base + (image.samples[0] << header.packed_shift)
        image.samples = np.stack([value >> shift & 255 for shift in (16, 8, 0)])
        image.color_type, image.depth, image.peak = 2, 8, 255
    if grey:
        image.samples = np.concatenate([image.samples[:1]] * 3 + [image.samples[1:]])
        image.color_type += 2
    if alpha:
        opaque = np.full_like(image.samples[:1], (1 << image.depth) - 1)
        image.samples = np.concatenate([image.samples, opaque])
        image.color_type += 4
    if deeper:
        image.samples = image.samples * 257
        image.depth, image.peak = 16, 65535
    return image


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--layer", choices=("preview", "exact", "jpeg"), default="exact")
    arguments = parser.parse_args()
    try:
        data = arguments.file.read_bytes()
        if arguments.layer == "jpeg":
            arguments.output.write_bytes(decode_jpeg(read_container(data, lossy_only=False)))
        else:
            decode = decode_preview if arguments.layer == "preview" else decode_exact
            write_image(decode(data), arguments.output)
    except NotCoveredError as error:
        print(f"not covered: {error}", file=sys.stderr)
        return ERROR_CODE
    except (FormatError, OSError) as error:
        print(error, file=sys.stderr)
        return ERROR_CODE
    return 0


if __name__ == "__main__":
    sys.exit(main())
