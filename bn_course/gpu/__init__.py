"""Batch norm down to the memory's speed limit: bytes, timing, and fused kernels. (lesson 06)

`traffic` and `timing` need torch alone. `kernels` needs Triton, which there is for Linux; without a GPU it
runs in Triton's interpreter, slowly, with `TRITON_INTERPRET=1` in the environment.
"""
