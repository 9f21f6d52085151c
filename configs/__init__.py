# SPDX-License-Identifier: Apache-2.0
"""TOML files for users to copy. A package only so that they are installed with the code."""
