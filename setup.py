"""The part of the build that pyproject.toml cannot say: which folder is which package, and the cffi extension."""

from setuptools import find_packages, setup

FOLDERS = {"transports", "host_services", "libc_facade", "configs"}
packages = find_packages(include=["hostcall", "hostcall.*"])
for folder in sorted(FOLDERS):
    packages += [f"hostcall.{folder}", *(f"hostcall.{folder}.{sub}" for sub in find_packages(folder))]

setup(
    packages=packages,
    package_dir={"hostcall": "hostcall", **{f"hostcall.{folder}": folder for folder in FOLDERS}},
    cffi_modules=["host_services/build_native.py:ffibuilder"],
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
