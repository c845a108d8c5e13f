"""Explorers: controls, and a stage that obeys them. Put one on the last line of its cell."""

from gdlab.explorers.atlas import Atlas
from gdlab.explorers.compass import Compass
from gdlab.explorers.fog import Fog, Hills
from gdlab.explorers.gallery import Gallery
from gdlab.explorers.learning_rate import LearningRate
from gdlab.explorers.ledger import StepLedger
from gdlab.explorers.lines import LineDescent, LineFit
from gdlab.explorers.polynomial import PolynomialFit
from gdlab.explorers.shapes import LossShapes, Outlier, robust_line
from gdlab.explorers.surface import LineSurface
from gdlab.explorers.zoom import Zoom

__all__ = [
    "Atlas",
    "Compass",
    "Fog",
    "Gallery",
    "Hills",
    "LearningRate",
    "LineDescent",
    "LineFit",
    "LineSurface",
    "LossShapes",
    "Outlier",
    "PolynomialFit",
    "StepLedger",
    "Zoom",
    "robust_line",
]
