"""ACTIVATIONS: functions applied to each cell of a feature map, with all that is true of them.

Whoever adds one writes its functions and its record into the module that it is nearest to. Tests
walk it through every place that has to know it (`tests/test_activations_everywhere.py`); the
libraries that check maps have formulas of their own (`engine/oracle_*.py`).
"""

from collections.abc import Mapping

from convviz.engine.activation_function import ActivationFunction
from convviz.engine.gates import GATES
from convviz.engine.rectifiers import RECTIFIERS
from convviz.engine.squashers import SQUASHERS

ACTIVATIONS: Mapping[str, ActivationFunction] = {
    function.name: function for function in (*RECTIFIERS, *GATES, *SQUASHERS)
}
