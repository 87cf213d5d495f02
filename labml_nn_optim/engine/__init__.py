"""
# How a step is executed

Nothing here knows a formula. A step is executed in three steps of its own: [trace](tracing.py) what
the annotated method asks of torch, *print* that as one function, [for a CPU](printing_c.py) or [for
a GPU](printing_triton.py), and [run](fused.py) it over a [table of tensors](reading.py).
"""
