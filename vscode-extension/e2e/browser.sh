#!/usr/bin/env bash
# Prints the path of a Chromium; exit code 1 when there is none.
for name in chromium chromium-browser google-chrome; do
  command -v "$name" && exit 0
done
exit 1
