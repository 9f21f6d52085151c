# SPDX-License-Identifier: Apache-2.0
"""``hostcall-bench``: what a hostcall costs behind each transport, next to the floor of the same machine and run.

One kernel source per workload runs on every transport. It measures each call on the device and checks each answer; the
host adds what only it can see: lines in the file, records served, bytes on disk. docs/benchmark.md has the method.
"""
