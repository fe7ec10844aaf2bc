"""Device IR, config and target in, a Triton module's text with its source map out; never imports triton."""
