"""The native server and its services (extension `hostcall._native`)."""
