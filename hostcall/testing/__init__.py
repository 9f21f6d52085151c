# SPDX-License-Identifier: Apache-2.0
"""The conformance suite: what every transport must do, in-tree or from another distribution.

:func:`check_transport` opens runtimes on a transport and runs kernels that are written once for all backends. Each
check is named after the failure that it would catch. Every wait is bounded; what goes wrong is collected, so that one
report shows it all.
"""

from __future__ import annotations

from .report import ConformanceError, Failure, Outcome, Report
from .runner import check_transport

__all__ = ["ConformanceError", "Failure", "Outcome", "Report", "check_transport"]
