"""Geometric and stain augmentation by scipy and numpy -> values/augmentation.json.

The geometry is that of keras-preprocessing's apply_affine_transform in (row, column) order, about the true centre of the
image (size / 2 - 0.5). The stain jitter separates hematoxylin, eosin and a residual (Ruifrok & Johnston 2001).
"""

import numpy
from common.hashing import pixels
from common.output import write
from scipy import ndimage

STAINS = [[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]]

# name, height, width, rotation and shear in degrees, shift of rows and of columns as shares, zoom of rows and of columns,
# flip left-right, flip top-bottom.
GEOMETRY = [
    ("identity", 12, 12, 0, 0, 0, 0, 1, 1, False, False),
    ("rotation", 12, 12, 20, 0, 0, 0, 1, 1, False, False),
    ("quarterTurn", 12, 12, 90, 0, 0, 0, 1, 1, False, False),
    ("shift", 12, 12, 0, 0, 0.1, -0.07, 1, 1, False, False),
    ("shear", 12, 12, 0, 15, 0, 0, 1, 1, False, False),
    ("zoom", 12, 12, 0, 0, 0, 0, 0.95, 1.05, False, False),
    ("flips", 12, 12, 0, 0, 0, 0, 1, 1, True, True),
    ("tutorialExtremes", 12, 12, -20, 0.05, -0.1, 0.1, 1.05, 0.95, True, False),
    ("allOblong", 9, 12, 13, 5, 0.08, 0.05, 1.04, 0.97, False, True),
]

# What lies around the image, as scipy and Keras call it, and the value of "constant".
FILLS = [("nearest", 0), ("constant", 0), ("constant", 200), ("reflect", 0), ("wrap", 0)]
# Moves that read far outside, in the columns of GEOMETRY.
FAR = [
    ("identity", 12, 12, 0, 0, 0, 0, 1, 1, False, False),
    ("farShift", 12, 12, 0, 0, 0.63, -0.41, 1, 1, False, False),
    ("farTurn", 12, 12, 41, 17, -0.23, 0.37, 1.37, 1.21, True, False),
    ("twiceAround", 12, 12, -8, 0, 1.7, -1.9, 1.1, 1.3, False, True),
]

# name, gain and offset of hematoxylin, gain and offset of eosin.
JITTER = [
    ("identity", 1, 0, 1, 0),
    ("moreHematoxylin", 1.15, 0.03, 1, 0),
    ("lessEosin", 1, 0, 0.85, -0.02),
    ("both", 0.9, -0.04, 1.2, 0.05),
    ("beyondRange", 2.5, 0.4, 0.2, -0.5),
]

COLOURS = [[255, 255, 255], [0, 0, 0], [230, 190, 210], [150, 90, 160], [90, 40, 110], [200, 120, 30], [1, 128, 254]]


def matrix_about_centre(case: dict) -> numpy.ndarray:
    """rotation . shift . shear . zoom in (row, column) order, from the output's pixel to the input's: [3, 3]."""
    turn, slant = numpy.deg2rad(case["rotationDegrees"]), numpy.deg2rad(case["shearDegrees"])
    rotation = [[numpy.cos(turn), -numpy.sin(turn), 0], [numpy.sin(turn), numpy.cos(turn), 0], [0, 0, 1]]
    rows, columns = case["rowShift"] * case["height"], case["columnShift"] * case["width"]
    shift = [[1, 0, rows], [0, 1, columns], [0, 0, 1]]
    shear = [[1, -numpy.sin(slant), 0], [0, numpy.cos(slant), 0], [0, 0, 1]]
    zoom = numpy.diag([case["rowZoom"], case["columnZoom"], 1])
    centre = [case["height"] / 2 - 0.5, case["width"] / 2 - 0.5]
    to_centre = [[1, 0, centre[0]], [0, 1, centre[1]], [0, 0, 1]]
    from_centre = [[1, 0, -centre[0]], [0, 1, -centre[1]], [0, 0, 1]]
    return numpy.linalg.multi_dot([to_centre, rotation, shift, shear, zoom, from_centre])


def transform(image: numpy.ndarray, case: dict, fill: str = "nearest", value: float = 0) -> numpy.ndarray:
    """The image [3, height, width] transformed bilinearly, with what lies around it, then flipped; not rounded."""
    matrix = matrix_about_centre(case)
    planes = [
        ndimage.affine_transform(
            plane.astype("float64"), matrix[:2, :2], matrix[:2, 2], order=1, mode=fill, cval=value
        )
        for plane in image
    ]
    result = numpy.stack(planes)
    if case["flipLeftRight"]:
        result = result[:, :, ::-1]
    return result[:, ::-1] if case["flipTopBottom"] else result


def place_inside(place: numpy.ndarray, side: int, fill: str) -> numpy.ndarray:
    """Where a coordinate outside the image is read."""
    if fill == "reflect":
        place = (place + 0.5) % (2 * side)
        place = numpy.minimum(place, 2 * side - place) - 0.5
    elif fill == "wrap":
        outside = (place < 0) | (place > side - 1)
        place = numpy.where(outside, place % (side - 1), place)
    return numpy.clip(place, 0, side - 1)


def transform_by_hand(image: numpy.ndarray, case: dict, fill: str = "nearest", value: float = 0) -> numpy.ndarray:
    """The second witness: bring the source point into the image, then weigh its four neighbours."""
    _, height, width = image.shape
    row, column = numpy.mgrid[:height, :width]
    row = height - 1 - row if case["flipTopBottom"] else row
    column = width - 1 - column if case["flipLeftRight"] else column
    source = matrix_about_centre(case) @ numpy.stack([row.ravel(), column.ravel(), numpy.ones(row.size)])
    y, x = place_inside(source[0], height, fill), place_inside(source[1], width, fill)
    top, left = numpy.floor(y).astype(int), numpy.floor(x).astype(int)
    bottom, right = numpy.minimum(top + 1, height - 1), numpy.minimum(left + 1, width - 1)
    down, across = y - top, x - left
    upper = image[:, top, left] * (1 - across) + image[:, top, right] * across
    lower = image[:, bottom, left] * (1 - across) + image[:, bottom, right] * across
    result = upper * (1 - down) + lower * down
    if fill == "constant":
        outside = (source[0] < 0) | (source[0] > height - 1) | (source[1] < 0) | (source[1] > width - 1)
        result[:, outside] = value
    return result.reshape(image.shape)


def geometry_case(row: tuple) -> dict:
    names = ["name", "height", "width", "rotationDegrees", "shearDegrees", "rowShift", "columnShift"]
    case = dict(zip(names + ["rowZoom", "columnZoom", "flipLeftRight", "flipTopBottom"], row))
    image = pixels(3000, (3, case["height"], case["width"]))
    result = transform(image, case)
    numpy.testing.assert_allclose(result, transform_by_hand(image, case), atol=1e-9)
    return case | {"matrix": matrix_about_centre(case).tolist(), "pixels": result.tolist()}


def fill_case(row: tuple, fill: str, value: float) -> dict:
    case = geometry_case(row)
    image = pixels(3000, (3, case["height"], case["width"]))
    result = transform(image, case, fill, value)
    numpy.testing.assert_allclose(result, transform_by_hand(image, case, fill, value), atol=1e-9)
    return case | {"fill": fill, "value": value, "pixels": result.tolist()}


def jitter(colours: numpy.ndarray, gains: tuple, offsets: tuple) -> dict:
    """RGB -> optical density -> stain concentrations -> jittered -> RGB clipped to [0, 255], not rounded."""
    stains = numpy.array(STAINS)
    stains /= numpy.linalg.norm(stains, axis=1, keepdims=True)
    density = -numpy.log((colours + 1.0) / 256)
    concentrations = density @ numpy.linalg.inv(stains)
    changed = concentrations * numpy.array([*gains, 1]) + numpy.array([*offsets, 0])
    restored = numpy.clip(256 * numpy.exp(-(changed @ stains)) - 1, 0, 255)
    return {"concentrations": concentrations, "colours": restored}


def main() -> None:
    colours = numpy.array(COLOURS)
    identity = jitter(colours, (1, 1), (0, 0))
    numpy.testing.assert_allclose(identity["colours"], colours, atol=1e-9)
    images = {"square": pixels(3000, (3, 12, 12)).tolist(), "oblong": pixels(3000, (3, 9, 12)).tolist()}
    write(
        "augmentation",
        {
            "images": images,
            "geometry": [geometry_case(row) for row in GEOMETRY],
            "fills": [fill_case(row, fill, value) for row in FAR for fill, value in FILLS],
            "stain": {
                "matrix": STAINS,
                "colours": COLOURS,
                "concentrations": identity["concentrations"].tolist(),
                "cases": [
                    {
                        "name": name,
                        "gains": [gain_h, gain_e],
                        "offsets": [offset_h, offset_e],
                        "colours": jitter(colours, (gain_h, gain_e), (offset_h, offset_e))["colours"].tolist(),
                    }
                    for name, gain_h, offset_h, gain_e, offset_e in JITTER
                ],
            },
        },
        digits=10,
    )


if __name__ == "__main__":
    main()
