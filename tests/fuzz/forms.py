"""The texts of pointwise operations that are drawn: `{}` is the value, `{0}` and `{1}` are two. Knows nothing of what they are drawn for."""

from __future__ import annotations

# The same bits in every way of computing them, from exact values.
EXACT_FLOAT = (
    *("-{}", "torch.abs({})", "{}.relu()", "{}.clamp(-1.5, 2.25)", "{} * 2", "{} * 0.5", "{} + 1", "{} - 0.25", "1 - {}", "{}.neg()"),
    *("F.relu6({})", "F.hardtanh({})", "{}.clamp(min=0)", "{}.clamp(max=1)", "torch.square({})", "{}.clone()", "{}.contiguous()"),
    *("{} * INT", "{} + INT", "{} * FLOAT", "torch.zeros_like({})", "torch.full_like({}, 2)", "{} ** 2", "{} * True", "{} + 3", "2 * {}"),
    *("F.leaky_relu({}, 0.25)", "{}.nan_to_num()", "{}.clip(-1, 1)"),
)
# Where a float lies decides: of exact values only.
DECIDING_FLOAT = (
    *("{}.masked_fill({} > 1, -1)", "torch.where({} > 0, {}, 0)", "torch.where({} > 0, 1, 0)", "torch.where({} < 0, {}, -{})"),
    *("F.threshold({}, 0.5, -1.0)", "{}.floor()", "{}.ceil()", "{}.trunc()", "torch.round({})", "{}.sign()", "{} > 0", "{} <= 0.5"),
    *("{} == 1", "{} != 0", "{}.to(torch.int32)", "{}.int()", "{}.long()", "{}.to(torch.int8)", "{}.bool()", "{} % 2", "{} // 2"),
    *("torch.fmod({}, 2)", "torch.remainder({}, 3)", "torch.floor_divide({}, 0.5)", "{}.frac()", "torch.logical_not({})"),
    *("torch.isfinite({})", "torch.signbit({})", "torch.heaviside({}, torch.zeros_like({}))", "{}.to(torch.int16)"),
    *("{}.to(torch.int64) * 2", "torch.div({}, 2, rounding_mode='floor')", "torch.div({}, 2, rounding_mode='trunc')"),
    *("-2 % ({}.abs() + 1)", "torch.sgn({})"),
)
INEXACT_FLOAT = (
    *("torch.tanh({})", "{}.sigmoid()", "torch.exp(-{}.abs())", "torch.log({}.abs() + 0.5)", "torch.sin({})", "{}.cos()", "F.silu({})"),
    *("F.gelu({})", "F.gelu({}, approximate='tanh')", "torch.rsqrt({}.abs() + 1)", "({}.abs() + 1).reciprocal()", "{} / 3", "{} * 0.1"),
    *("torch.erf({})", "torch.log1p({}.abs())", "torch.expm1(-{}.abs())", "F.softplus({})", "F.mish({})", "F.elu({})", "F.hardswish({})"),
    *("torch.atan({})", "torch.sinh({}.clamp(-1, 1))", "torch.exp2(-{}.abs())", "torch.sqrt({}.abs())", "1 / ({}.abs() + 1)"),
    *("torch.pow({}.abs() + 0.5, 1.5)", "{} ** 3", "torch.log2({}.abs() + 1)", "F.logsigmoid({})", "torch.asinh({})"),
    *("torch.hypot({}, {} * 2)", "torch.atan2({}, {}.abs() + 1)", "torch.lerp({}, {} * 2, 0.3)", "F.hardsigmoid({})", "F.selu({})"),
    *("torch.addcmul({}, {}, {}, value=0.5)", "torch.addcdiv({}, {}, {}.abs() + 1)", "torch.xlogy({}, 2.0)", "torch.logit({}.sigmoid())"),
    *("torch.acos({}.tanh() * 0.9)", "F.softsign({})", "F.tanhshrink({})", "torch.deg2rad({})", "torch.sinc({})", "F.celu({})"),
    *("torch.logaddexp({}, {} * 2)",),
)
CASTS = (
    *("{}.to(torch.float32)", "{}.float()", "{}.to(torch.float16)", "{}.half()", "{}.to(torch.bfloat16)", "{}.bfloat16()"),
    *("{}.type_as({})",),
)
UNARY_BOOL = (
    *("~{}", "torch.logical_not({})", "{}.to(torch.float32)", "{}.int()", "{}.long()", "{} * 3", "{} + 1", "{} * 0.5"),
    *("torch.where({}, 1.0, -1.0)", "torch.where({}, 2, 5)", "{} ^ True", "{}.to(torch.int8)", "{}.to(torch.uint8)", "{} & True"),
    *("{} == False", "{} * 1.5", "{}.half()", "{} + {}", "{} * {}", "{} | {}", "{}.to(torch.bfloat16)"),
)
UNARY_INT = (
    *("-{}", "torch.abs({})", "({} * 3) % 17", "{} // 3", "{} & 7", "({} | 1) % 32", "{} ^ 3", "({} << 1) % 64", "{} >> 1", "{} % 5"),
    *("{} // -2", "{} % -3", "{} > 0", "{} == 2", "{} != 1", "{}.to(torch.float32)", "{}.float()", "{}.half()", "{} * 0.5", "{} + 1.5"),
    *("{} + 1", "{} - 2", "~{}", "{}.to(torch.int8)", "{}.to(torch.int64)", "{}.to(torch.int32)", "{}.to(torch.uint8)", "{}.bool()"),
    *("{}.to(torch.int16)", "{}.clamp(-3, 4)", "{}.clamp(0)", "torch.where({} > 1, {}, 0)", "torch.where({} > 1, {}, 0.5)", "{} / 2"),
    *("{} / 4 * 4", "torch.sign({})", "torch.remainder({}, 4)", "torch.fmod({}, 4)", "torch.fmod({}, -4)", "{} ** 2", "{} * INT"),
    *("{} + INT", "{} * FLOAT", "{}.bitwise_not()", "torch.square({})", "{}.relu()", "torch.floor_divide({}, 2)", "1 << ({} & 3)"),
    *("torch.div({}, 2, rounding_mode='trunc')", "torch.maximum({}, torch.zeros_like({}))", "2 - {}", "7 // ({}.abs() + 1)"),
    *("-7 % ({}.abs() + 1)", "7 / (({} & 1) + 1)", "torch.bitwise_right_shift({}, 1)", "~{} & 15", "{}.logical_not()"),
    *("torch.logical_and({}, {})", "{} * True"),
)
INEXACT_INT = ("torch.sqrt({}.abs())", "{}.sigmoid()", "torch.exp(-{}.abs())", "{} / 3")
BINARY = (
    *("{0} + {1}", "{0} - {1}", "{0} * {1}", "torch.maximum({0}, {1})", "torch.minimum({0}, {1})", "torch.add({0}, {1}, alpha=2)"),
    *("torch.sub({0}, {1})", "torch.where({1} == {1}, {0}, {1})"),
)
INEXACT_BINARY = (
    *("{0} / ({1}.abs() + 1)", "torch.lerp({0}.float(), {1}.float(), 0.25)", "torch.hypot({0}, {1})", "torch.atan2({0}, {1}.abs() + 1)"),
    *("{0} * {1}.sigmoid()", "torch.logaddexp({0}, {1})", "torch.addcmul({0}, {1}, {1})", "torch.xlogy({0}, {1}.abs() + 1)"),
    *("torch.copysign({0}, {1}.abs() + 1)", "torch.pow({0}.abs() + 0.5, {1}.clamp(-2, 2))"),
)
DECIDING_BINARY = (
    *("{0} > {1}", "{0} == {1}", "{0} < {1}", "torch.fmod({0}, {1}.abs() + 1)", "{0} % ({1}.abs() + 1)", "{0} // ({1}.abs() + 1)"),
    *("torch.logical_or({0}, {1})", "torch.ne({0}, {1})", "torch.ge({0}, {1})", "torch.copysign({0}, {1})", "torch.fmax({0}, {1})"),
    *("torch.where({0} > {1}, {0}, {1})", "torch.div({0}, {1}.abs() + 1, rounding_mode='floor')", "torch.logical_xor({0}, {1})"),
    *("torch.clamp({0}, {1} - 1, {1} + 1)", "torch.eq({0}, {1}).to(torch.float32)", "torch.sub({0}, {1}, alpha=0.5)"),
)
BINARY_INT = (
    *("{0} & {1}", "{0} | {1}", "{0} ^ {1}", "{0} < {1}", "{0} == {1}", "{0} // ({1}.abs() + 1)", "{0} % ({1}.abs() + 1)"),
    *("{0} >> ({1} & 3)", "{0} << ({1} & 3)", "torch.logical_and({0}, {1})", "torch.bitwise_xor({0}, {1})", "{0} // ({1} | 1)"),
    *("torch.fmod({0}, {1}.abs() + 1)", "torch.div({0}, {1}.abs() + 1, rounding_mode='trunc')", "torch.where({0} > {1}, {0}, {1})"),
    *("torch.floor_divide({0}, {1}.abs() + 2)", "{0} % ({1} | 1)", "torch.remainder({0}, {1} | 1)"),
)
CHOICES = (
    *("torch.where({1}, {0}, {2})", "{0}.where({1}, {2})", "torch.where({1}, {0}, 0)", "torch.where({1}, 2.5, {0})"),
    *("{0}.masked_fill({1}, 1)", "torch.where(~{1}, {0}, {2})", "torch.masked_fill({0}, {1}, -1.0)"),
)
HELPERS = """
def affine(x, a, b):
    return x * a + b


def gate(x):
    return x * torch.sigmoid(x)


def pairs(x):
    y = x - 1
    return y, y * 2


def maybe(x, y=None):
    if y is None:
        return x + 1
    return x - y


def poly(x, n):
    total = x
    for i in range(n):
        total = total * 0.5 + i
    return total
"""
# Calls of the helpers, and whether exact values stay exact.
HELPER_CALLS = (
    *(("affine({0}, 2.0, 1.0)", True), ("gate({0})", False), ("pairs({0})[0]", True), ("pairs({0})[1]", True), ("poly({0}, 3)", True)),
    *(("maybe({0}, None)", True), ("maybe({0}, {0})", True), ("[{0}, {0} * 2][1]", True), ("({0} if True else 0.0)", True)),
    *(("sum([{0}, {0} + 1])", True), ("{{'a': {0}, 'b': {0} - 1}}['b']", True)),
)
