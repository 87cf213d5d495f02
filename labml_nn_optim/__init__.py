"""
# labml_nn_optim

Adam, AMSGrad, RAdam and AdaBelief for PyTorch, each annotated line by line. What you read is what
you import.
"""

from labml_nn_optim.ada_belief import AdaBelief
from labml_nn_optim.adam import Adam
from labml_nn_optim.amsgrad import AMSGrad
from labml_nn_optim.generic import GenericAdaptiveOptimizer
from labml_nn_optim.radam import RAdam
from labml_nn_optim.weight_decay import WeightDecay

__all__ = ["AMSGrad", "AdaBelief", "Adam", "GenericAdaptiveOptimizer", "RAdam", "WeightDecay"]
__version__ = "0.1.0"
