"""Explorers: controls, and a stage that obeys them. Put one on the last line of its cell."""

from gdlab.explorers.atlas import Atlas
from gdlab.explorers.basins import Basins, basin_map
from gdlab.explorers.batch_path import BatchPath
from gdlab.explorers.batch_race import BatchRace
from gdlab.explorers.clinic import Clinic
from gdlab.explorers.compass import Compass
from gdlab.explorers.condition import Condition
from gdlab.explorers.fog import Fog, Hills
from gdlab.explorers.gallery import Gallery
from gdlab.explorers.generalization import Generalization
from gdlab.explorers.graph import NetworkGraph
from gdlab.explorers.learning_rate import LearningRate
from gdlab.explorers.ledger import StepLedger
from gdlab.explorers.lines import LineDescent, LineFit
from gdlab.explorers.memory import Memory
from gdlab.explorers.microscope import Microscope
from gdlab.explorers.phase import Phase, measured_rate
from gdlab.explorers.polynomial import PolynomialFit
from gdlab.explorers.race import Race
from gdlab.explorers.rules_atlas import RulesAtlas
from gdlab.explorers.shapes import LossShapes, Outlier, robust_line
from gdlab.explorers.surface import LineSurface
from gdlab.explorers.trainability import Trainability, TwoRates, enlargements, trainability_map
from gdlab.explorers.valleys import Valleys, Widths
from gdlab.explorers.walkers import Walkers
from gdlab.explorers.wiring import Wiring
from gdlab.explorers.zoom import Zoom

__all__ = [
    "Atlas",
    "Basins",
    "BatchPath",
    "BatchRace",
    "Clinic",
    "Compass",
    "Condition",
    "Fog",
    "Gallery",
    "Generalization",
    "Hills",
    "LearningRate",
    "LineDescent",
    "LineFit",
    "LineSurface",
    "LossShapes",
    "Memory",
    "Microscope",
    "NetworkGraph",
    "Outlier",
    "Phase",
    "PolynomialFit",
    "Race",
    "RulesAtlas",
    "StepLedger",
    "Trainability",
    "TwoRates",
    "Valleys",
    "Walkers",
    "Widths",
    "Wiring",
    "Zoom",
    "basin_map",
    "enlargements",
    "measured_rate",
    "robust_line",
    "trainability_map",
]
