"""What Triton's interpreter gets wrong or lacks in, the same put right while a kernel runs on CPU tensors out; one module a fault."""
