"""The kernels of lesson 06's questions, each as it should be and once more with a knob for each mistake.

They need Triton, and are loaded when they are used.
"""
