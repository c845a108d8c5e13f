"""Explorers: controls, and a stage that obeys them. Put one on the last line of its cell."""

from gdlab.explorers.atlas import Atlas
from gdlab.explorers.learning_rate import LearningRate
from gdlab.explorers.lines import LineDescent, LineFit
from gdlab.explorers.shapes import LossShapes, Outlier, robust_line

__all__ = ["Atlas", "LearningRate", "LineDescent", "LineFit", "LossShapes", "Outlier", "robust_line"]
