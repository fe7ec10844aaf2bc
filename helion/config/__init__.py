"""What can be tuned, as data: one `Config` point and the `ConfigSpace` of a kernel; knows the device IR, not how code is written."""
