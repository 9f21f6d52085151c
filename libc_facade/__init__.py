"""The headers that device code sees; `include` is the folder for compilers."""
