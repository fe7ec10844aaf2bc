"""A generated Triton module and a target in, machine code and its resources out, without a GPU; knows no configs."""
