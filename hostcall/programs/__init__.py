# SPDX-License-Identifier: Apache-2.0
"""Ordinary C programs on a device: the linkable library, the compilers, and the run."""
